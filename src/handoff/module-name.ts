import { basename, extname } from 'node:path'

/** Names in upstream's `configs/` that are its own. */
const TAKEN = ['base', '__init__']

/**
 * The name of a config as a Python module: upstream imports `configs.NAME`, where a dot would be a package. Letters,
 * digits and underscores, no digit first.
 */
export function moduleName(path: string): string {
  const name = basename(path, extname(path)).replace(/[^A-Za-z0-9_]/g, '_')
  const safe = /^\d/.test(name) || name === '' ? `c${name}` : name
  return TAKEN.includes(safe) ? `${safe}_config` : safe
}
