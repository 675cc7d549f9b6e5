import { resolve } from 'node:path'

/** Where the weights of `init` are looked for, in this order: as a path, then beside the config. Absolute. */
export function initPlaces(name: string, configFolder: string): string[] {
  return [...new Set([resolve(name), resolve(configFolder, name)])]
}
