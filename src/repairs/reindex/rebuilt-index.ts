import { type RecordKeys, readManifest } from '../../dataset/index.js'
import type { RecordIndex } from '../../recordio/index.js'

/** An index that was made of the records, in file order. */
export interface RebuiltIndex extends RecordIndex {
  /** Where its keys come from; `order`: they are numbers in file order. */
  keysBy: 'manifest' | 'ids' | 'order'
  /** Of the records that it names. */
  images: number
  /** Records without an image that it leaves out, since they are not true of the images that are left. */
  rangesLeftOut: number
}

/** By ids or order: header and identity records are in it where they are true of the images. */
export function indexOf(keys: RecordKeys): RebuiltIndex {
  const { haveRanges } = keys
  return {
    ...keys.index(haveRanges ? 'all' : 'images'),
    keysBy: keys.areIds ? 'ids' : 'order',
    images: keys.images,
    rangesLeftOut: haveRanges ? 0 : keys.records - keys.images,
  }
}

/**
 * For an adopted dataset, whose ids need not be its keys: its manifest has them by offset. Records that it does not name
 * were left out when the dataset was adopted, and are now. @throws InputError
 */
export async function indexByManifest(keys: RecordKeys, manifest: string): Promise<RebuiltIndex> {
  const all = keys.index()
  const { haveRanges, numberPositions } = keys
  const isKept = new Uint8Array(all.keys.length)
  if (haveRanges) for (const position of numberPositions) isKept[position] = 1
  const byManifest = all.keys.slice()
  let position = 0
  let images = 0
  for await (const { rows, keys: rowKeys, offsets } of readManifest(manifest)) {
    for (let row = 0; row < rows; row++) {
      const offset = Number(offsets[row])
      while (all.offsets[position]! < offset) position++
      if (all.offsets[position] !== offset) continue
      byManifest[position] = rowKeys[row]!
      isKept[position] = 1
      images++
    }
  }
  return {
    keys: byManifest.filter((_, i) => isKept[i] === 1),
    offsets: all.offsets.filter((_, i) => isKept[i] === 1),
    keysBy: 'manifest',
    images,
    rangesLeftOut: haveRanges ? 0 : numberPositions.length,
  }
}
