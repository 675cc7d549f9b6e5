import { basename, sep } from 'node:path'
import { InputError, UsageError } from '../../errors/index.js'
import type { KeptLabels } from '../kept-labels.js'
import { byBytes } from './byte-order.js'
import type { ImageFolder } from './scan.js'

/** A folder of an identity, with the input that it was found in. */
export interface IdentityFolder extends ImageFolder {
  /** Name of the identity: the folder's name. */
  name: string
  /** Position in the inputs. */
  source: number
  /** The label that it had in the dataset of --labels-from; -1 for a new one. */
  keptLabel: number
}

/** @throws UsageError where one input is another or lies in it: its images would come twice */
export function refuseOverlap(inputs: string[]): void {
  for (const [i, outer] of inputs.entries()) {
    const inner = inputs.find((input, j) => i !== j && `${input}${sep}`.startsWith(`${outer}${sep}`))
    if (inner === undefined) continue
    throw new UsageError(
      inner === outer
        ? `${inner} is given twice`
        : `${inner} lies in ${outer}, which is given too: its images would come twice`,
    )
  }
}

/**
 * All folders in the order of the dataset: identities that keep a label by that, the others after them by name; those
 * of one identity by input, then by path.
 * @throws InputError for a name in several places, unless they are to be joined
 */
export function orderByIdentity(
  found: { root: string; folders: ImageFolder[] }[],
  joinByName: boolean,
  kept: KeptLabels | undefined,
): IdentityFolder[] {
  const folders = found.flatMap(({ root, folders }, source) =>
    folders.map((folder) => ({
      ...folder,
      source,
      name: basename(folder.relativePath || root),
      keptLabel: -1,
    })),
  )
  // The sort is stable, and the folders of each input are in the order of their paths already.
  folders.sort((a, b) => byBytes(a.name, b.name) || a.source - b.source)
  if (!joinByName) refuseSameName(folders)
  if (kept === undefined) return folders
  giveKeptLabels(
    folders,
    found.map(({ root }) => basename(root)),
    kept,
  )
  return [
    ...folders.filter(({ keptLabel }) => keptLabel >= 0).sort((a, b) => a.keptLabel - b.keptLabel),
    ...folders.filter(({ keptLabel }) => keptLabel < 0),
  ]
}

function giveKeptLabels(folders: IdentityFolder[], sources: string[], kept: KeptLabels): void {
  const identities = folders.filter(({ name }, i) => name !== folders[i - 1]?.name)
  const labels = kept.match(
    identities.map(({ name, source }) => ({ name, source: sources[source], sourceLabel: -1 })),
  )
  const labelOf = new Map(identities.map(({ name }, i) => [name, labels[i]!]))
  for (const folder of folders) folder.keptLabel = labelOf.get(folder.name)!
}

function refuseSameName(folders: IdentityFolder[]): void {
  const again = folders.filter((folder, i) => folder.name === folders[i - 1]?.name)
  const [first] = again
  if (first === undefined) return
  const places = folders.filter(({ name }) => name === first.name).map(({ path }) => path)
  const others = new Set(again.map(({ name }) => name)).size - 1
  throw new InputError({
    file: places[0]!,
    problem: `the identity "${first.name}" is in several places`,
    actual: `${places.slice(1, 4).join(', ')} too${others > 0 ? `, and ${others} more such names` : ''}`,
    fix: 'Rename the folders of different people, or give --join-by-name where the same name is the same person.',
  })
}
