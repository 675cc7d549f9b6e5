export { type LoadedConfig, loadConfig } from './config-file.js'
export { formatConfig } from './config-format.js'
export { type Override, parseSetting } from './setting.js'
export { type TrainingConfig, trainingConfigSchema } from './training-config.js'
