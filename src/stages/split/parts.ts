import type { Dataset } from '../../dataset/index.js'
import { type Amount, drawIdentities, drawImages } from './draw.js'

export type SplitUnit = 'identity' | 'image'

/** Which part an image goes to: 0 or 1. */
export interface Parts {
  /** By label: whether a part has that identity. */
  hasIdentity(part: number, label: number): boolean
  /** @param position of the image in the file */
  partOf(position: number, label: number): number
  /** Identities that could not be divided: their images are all in the first part. By identity, none. */
  undivided: number
}

/** Draws the parts from the labels of a dataset. @throws UsageError, InputError */
export async function drawParts(
  dataset: Dataset,
  by: SplitUnit,
  amount: Amount,
  seed: number,
): Promise<Parts> {
  const labels = await dataset.labels()
  const imagesOf = new Uint32Array(dataset.identityCount)
  for (const label of labels) imagesOf[label]!++
  if (by === 'identity') {
    const drawn = drawIdentities(imagesOf, amount, seed)
    return {
      hasIdentity: (part, label) => drawn[label] === part,
      partOf: (_, label) => drawn[label]!,
      undivided: 0,
    }
  }
  const drawn = drawImages(labels, imagesOf, amount, seed)
  const divided = new Uint8Array(imagesOf.length)
  for (const [position, part] of drawn.entries()) if (part === 1) divided[labels[position]!] = 1
  return {
    hasIdentity: () => true,
    partOf: (position) => drawn[position]!,
    undivided: imagesOf.filter((images, label) => images > 0 && divided[label] === 0).length,
  }
}
