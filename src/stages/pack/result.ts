import { join } from 'node:path'
import { shortPath } from '../../io/index.js'
import { describeEmpty, type EmptyLabel } from '../empty-labels.js'

export interface PackResult {
  /** Absolute path of the dataset. */
  output: string
  fingerprint: string
  images: number
  identities: number
  /** Images stored byte for byte. */
  asIs: number
  converted: number
  /** Of those stored as they are, files that are no whole image (`--pass-through` alone stores such). */
  damaged: number
  /** Images taken over from the version before, since their files did not change. */
  reused: number
  /** Files that could not be stored. */
  skipped: number
  /** Images left out with their identity, by `--min-images`. */
  dropped: number
  /** Identities that had image files and have no image: all skipped, or fewer than `--min-images`. */
  identitiesLeftOut: number
  /** With `--labels-from`: labels that no image has, since their people left. */
  emptyLabels: EmptyLabel[]
  /** Archives that are WebDataset shards: files beside the images name the identities. */
  webDatasets: number
  /** Files that are no images, by extension: passed over and not listed. */
  ignored: Record<string, number>
}

export function describePack(result: PackResult): string[] {
  const { output, images, identities, asIs, converted, damaged, skipped, dropped } = result
  const lines = [
    `packed ${count(images)} images of ${count(identities)} identities (${count(skipped)} skipped)`,
    `${count(asIs)} stored as they are, ${count(converted)} converted`,
  ]
  if (identities === 1 && images > 1) {
    lines.push(
      'all of one person: each folder that directly holds images is an identity, FOLDER/NAME/IMAGE.jpg',
    )
  }
  if (result.reused > 0) {
    lines.push(`${count(result.reused)} taken over from the version before: their files did not change`)
  }
  if (damaged > 0) {
    lines.push(`${count(damaged)} of those stored as they are cannot be decoded; --pass-through keeps them`)
  }
  if (result.identitiesLeftOut > 0) {
    const cause = dropped > 0 ? `, with ${count(dropped)} images, by --min-images` : ''
    lines.push(`${count(result.identitiesLeftOut)} identities left out${cause}`)
  }
  if (result.emptyLabels.length > 0) lines.push(describeEmpty(result.emptyLabels))
  if (skipped + dropped > 0) lines.push(`each with its reason: ${shortPath(join(output, 'skipped.jsonl'))}`)
  if (result.webDatasets > 0) {
    lines.push(`${count(result.webDatasets)} WebDataset shards: labels beside the images name the identities`)
  }
  const ignored = Object.entries(result.ignored)
  if (ignored.length > 0) {
    const kinds = ignored.map(([kind, files]) => `${kind} ${count(files)}`).join(', ')
    lines.push(`passed over files that are no images: ${kinds}`)
  }
  return lines
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
