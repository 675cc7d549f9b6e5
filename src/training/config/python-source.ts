import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ConfigFaults } from './config-faults.js'
import type { ConfigSource } from './config-source.js'
import { readPythonModule } from './python/python-module.js'
import { PythonDict, plainValue } from './python/python-value.js'
import { upstreamDefaults } from './upstream-defaults.js'
import { readConfigText } from './yaml-source.js'

/** A config file of upstream, and what lies below it. */
interface Layer {
  path: string
  config: PythonDict
}

/**
 * Reads a config of upstream, `configs/NAME.py`, without running it, and lays it over `base.py` beside it, as upstream's
 * `get_config` does; where there is none, over upstream's defaults. Without an `output` the run goes to
 * `work_dirs/NAME`.
 * @throws InputError where it cannot be read, UsageError with the lines that are not read
 */
export function readPython(path: string): ConfigSource {
  const faults = new ConfigFaults(path)
  const layers = layersOf(path).map((file) => readLayer(file, faults))
  faults.throwIfAny()
  const hasBase = basename(layers[0]!.path) === BASE
  const values = {
    ...(hasBase ? {} : structuredClone(upstreamDefaults)),
    ...Object.assign({}, ...layers.map(({ config }) => plainValue(config))),
  } as Record<string, unknown>
  if ((values['output'] ?? null) === null) values['output'] = join('work_dirs', basename(path, '.py'))
  const own = layers.at(-1)!
  return {
    values,
    placeOf: (key) => placeIn(layers, key) ?? path,
    isDefault: (key) =>
      !(own.config.entries.has(key) && basename(own.path) !== BASE) &&
      isDeepStrictEqual(values[key], upstreamDefaults[key]),
  }
}

const BASE = 'base.py'

/** From the lowest up. */
function layersOf(path: string): string[] {
  const base = join(dirname(path), BASE)
  return basename(path) !== BASE && existsSync(base) ? [base, path] : [path]
}

function readLayer(path: string, faults: ConfigFaults): Layer {
  const module = readPythonModule(readConfigText(path))
  for (const { line, message } of module.faults) faults.add(`${path}: line ${line}`, message)
  const config = module.values.entries.get('config')?.value
  if (config instanceof PythonDict) return { path, config }
  if (module.faults.length === 0) faults.add(path, 'has no config = edict()')
  return { path, config: new PythonDict() }
}

/** Where the uppermost layer that has the key sets it, or the nearest key above it. */
function placeIn(layers: readonly Layer[], key: readonly PropertyKey[]): string | undefined {
  const layer = layers.findLast(({ config }) => config.entries.has(String(key[0])))
  if (layer === undefined) return undefined
  let line = 0
  let value: unknown = layer.config
  for (const part of key) {
    const entry = value instanceof PythonDict ? value.entries.get(String(part)) : undefined
    if (entry === undefined) break
    line = entry.line
    value = entry.value
  }
  return `${layer.path}: line ${line}`
}
