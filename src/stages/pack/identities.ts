import { sep } from 'node:path'
import { InputError, UsageError } from '../../errors/index.js'
import type { KeptLabels } from '../kept-labels.js'
import { byBytes } from './byte-order.js'
import type { SourceFolder } from './scanned-inputs.js'

/** Images of an identity in one place, and the label that it keeps. */
export interface IdentityFolder extends SourceFolder {
  /** The label that it had in the dataset of --labels-from; -1 for a new one. */
  keptLabel: number
}

/**
 * An archive in a folder is another matter: the folder's own images are packed, not what archives in it hold.
 * @param inputs real paths
 * @throws UsageError where one input is another, or a folder in it: its images would come twice
 */
export function refuseOverlap(inputs: { path: string; isArchive: boolean }[]): void {
  for (const [i, { path: outer }] of inputs.entries()) {
    const inner = inputs.find(({ path, isArchive }, j) => {
      return i !== j && (path === outer || (!isArchive && path.startsWith(`${outer}${sep}`)))
    })?.path
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
 * @param sources names of the inputs
 * @throws InputError for a name in several places, unless they are to be joined
 */
export function orderByIdentity(
  found: SourceFolder[],
  sources: string[],
  joinByName: boolean,
  kept: KeptLabels | undefined,
): IdentityFolder[] {
  const folders = found.map((folder) => ({ ...folder, keptLabel: -1 }))
  // The sort is stable, and the folders of each input are in the order of their paths already.
  folders.sort((a, b) => byBytes(a.name, b.name) || a.source - b.source)
  if (!joinByName) refuseSameName(folders)
  if (kept === undefined) return folders
  giveKeptLabels(folders, sources, kept)
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

/** Shards of one WebDataset are one place. */
function isSameName(before: IdentityFolder | undefined, folder: IdentityFolder): boolean {
  return before?.name === folder.name && (folder.set === undefined || folder.set !== before.set)
}

function refuseSameName(folders: IdentityFolder[]): void {
  const again = folders.filter((folder, i) => isSameName(folders[i - 1], folder))
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
