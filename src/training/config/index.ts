export { formatConfig, type LoadedConfig, loadConfig, type Override, parseSetting } from './config-file.js'
export { type TrainingConfig, trainingConfigSchema } from './training-config.js'
