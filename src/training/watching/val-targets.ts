import { existsSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { UsageError } from '../../errors/index.js'

/** A verification bin by which a run is measured. */
export interface ValTarget {
  /** Bare name, as in logs: `lfw`. */
  name: string
  /** Absolute. */
  path: string
}

/**
 * Finds each val target, with or without `.bin`, in the dataset's folder, then in the config's, then as a path.
 * @throws UsageError that lists where a missing one was looked for, or where two have one name
 */
export function findValTargets(
  names: readonly string[],
  folders: { dataset: string; config: string },
): ValTarget[] {
  const targets = names.map((name) => {
    const places = valTargetPlaces(name, folders)
    const path = places.find((place) => existsSync(place))
    if (path === undefined) {
      throw new UsageError(`val_targets: there is no '${name}'. Looked for:\n  ${places.join('\n  ')}`)
    }
    return { name: basename(path, '.bin'), path }
  })
  for (const [i, { name, path }] of targets.entries()) {
    const other = targets.findIndex((target) => target.name === name)
    if (other !== i)
      throw new UsageError(`val_targets: ${targets[other]!.path} and ${path} are both called '${name}'`)
  }
  return targets
}

/**
 * Where a val target may lie, in the order in which it is looked for; the last place is the name as a path.
 * @param folders.dataset a folder, or a `.rec` file in it
 */
export function valTargetPlaces(name: string, folders: { dataset: string; config: string }): string[] {
  const forms = name.endsWith('.bin') ? [name] : [`${name}.bin`, name]
  const dataset = extname(folders.dataset) === '.rec' ? dirname(folders.dataset) : folders.dataset
  return [dataset, folders.config, resolve()].flatMap((folder) => forms.map((form) => resolve(folder, form)))
}
