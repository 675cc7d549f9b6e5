import { basename, dirname, extname, join, resolve } from 'node:path'
import { expectation } from '../../errors/index.js'
import { ConfigFaults } from './config-faults.js'
import type { ConfigSource } from './config-source.js'
import { findIgnored } from './ignored-keys.js'
import { readPython } from './python-source.js'
import { addSchemaFaults } from './schema-faults.js'
import { applyOverride, type Override, overrideOf } from './setting.js'
import { type TrainingConfig, trainingConfigSchema } from './training-config.js'
import { unusedMarginKeys } from './unused-margin-keys.js'
import { readYaml } from './yaml-source.js'

export interface LoadedConfig {
  config: TrainingConfig
  /** Folder of the file. */
  directory: string
  /** Values of upstream's keys that have no effect here; of a Python config, those of the files below it too. */
  ignored: Record<string, unknown>
  /** What the file says and has no effect, in sentences. */
  notices: string[]
  /** What the file asks for and the run will not do, in sentences. */
  warnings: string[]
}

/**
 * Reads a config, in YAML or, where its name ends in `.py`, one of upstream's; puts the overrides in, checks every key
 * and fills in the defaults.
 * @throws InputError where the file cannot be read; UsageError with every fault: its line, its key, what was found and
 * what was expected
 */
export function loadConfig(path: string, overrides: readonly Override[] = []): LoadedConfig {
  const source = extname(path) === '.py' ? readPython(path) : readYaml(path)
  const { values } = source
  const faults = new ConfigFaults(path)
  const named = 'rec' in values ? 'rec' : 'dataset'
  readRec(values, faults, source.placeOf)
  const given = overrides.map((override) =>
    override.key === 'rec' ? { ...override, key: 'dataset' } : override,
  )
  for (const override of given) applyOverride(values, override)
  const placeOf = (key: readonly PropertyKey[]) =>
    overrideOf(given, key)?.source ?? source.placeOf(key[0] === 'dataset' ? [named] : key)

  const asDali = readDaliAugmentation(values, placeOf)
  const { ignored, notices, warnings } = takeIgnored(source, placeOf)
  notices.push(...asDali)
  const filled = { output: defaultOutput(path), ...values }
  const parsed = trainingConfigSchema.safeParse(filled, { error: expectation })
  if (!parsed.success) addSchemaFaults(faults, parsed.error.issues, filled, placeOf)
  faults.throwIfAny()
  const config = parsed.data!
  const isGiven = (key: string) => key in values && !source.isDefault(key)
  const margin = unusedMarginKeys(config, isGiven, (key) => placeOf([key]))
  notices.push(...margin.notices)
  warnings.push(...margin.warnings)
  if (config.optimizer === 'adamw' && isGiven('momentum'))
    notices.push(`${placeOf(['momentum'])}: momentum is not used: optimizer is adamw`)
  return { config, directory: dirname(resolve(path)), ignored, notices, warnings }
}

function defaultOutput(path: string): string {
  return join('runs', basename(path, extname(path)))
}

/** Upstream's name of `dataset`. */
function readRec(
  values: Record<string, unknown>,
  faults: ConfigFaults,
  placeOf: (key: string[]) => string,
): void {
  if (!('rec' in values)) return
  if ('dataset' in values) faults.add(placeOf(['rec']), 'rec and dataset are one key; keep one of them')
  else values['dataset'] = values['rec']
  delete values['rec']
}

/** Upstream's name of `augmentation: dali`, which has no effect there without `dali`. Returns what is said of it. */
function readDaliAugmentation(values: Record<string, unknown>, placeOf: (key: string[]) => string): string[] {
  const asked = values['dali'] === true && values['dali_aug'] === true
  if (!asked || 'augmentation' in values) return []
  values['augmentation'] = 'dali'
  const place = placeOf(['dali_aug'])
  delete values['dali_aug']
  return [`${place}: dali_aug: true is read as augmentation: dali`]
}

/** Takes out the keys without effect and says so, once for each. */
function takeIgnored(
  { values, isDefault }: ConfigSource,
  placeOf: (key: string[]) => string,
): Pick<LoadedConfig, 'ignored' | 'notices' | 'warnings'> {
  const ignored: Record<string, unknown> = {}
  const notices: string[] = []
  const warnings: string[] = []
  for (const [key, value] of Object.entries(values)) {
    const found = findIgnored(key)
    if (found === undefined) continue
    ignored[key] = value
    const silent = isDefault(key)
    delete values[key]
    if (silent) continue
    const list = found.asks && value === true ? warnings : notices
    list.push(`${placeOf([key])}: ${key} is ignored: ${found.reason}`)
  }
  return { ignored, notices, warnings }
}
