import { InputError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { probe } from '../../image/index.js'
import {
  type FoldedPairs,
  foldedPairs,
  readBin,
  requireBothClasses,
  type Sidecar,
  type VerificationBin,
} from '../../verification/index.js'
import { type ImageCensus, ImageTally } from './census.js'

/** What a verification bin holds. */
export interface BinInspection extends ImageCensus {
  kind: 'bin'
  name: string
  path: string
  pairs: number
  same: number
  different: number
  images: number
  /** By their bytes. */
  distinctImages: number
  /** By the file beside it, else contiguous ones; undefined where the pairs are too few. */
  folds?: { by: 'sidecar' | 'place'; pairs: number[] }
  /** Why no accuracy can be told from it. */
  problem?: string
  /** What the file beside it says of where the pairs come from. */
  source?: Sidecar['source']
}

/** @throws InputError */
export async function inspectBin(path: string): Promise<BinInspection> {
  const bin = await readBin(path)
  const tally = new ImageTally()
  const hashes = new Set<string>()
  for (const image of bin.images) {
    const { width = 0, height = 0, format = 'unknown' } = probe(image) ?? {}
    tally.add(width, height, format)
    hashes.add(hashToHex(xxh64(image)))
  }
  const same = bin.same.reduce((sum, flag) => sum + flag, 0)
  return {
    kind: 'bin',
    name: bin.name,
    path,
    pairs: bin.same.length,
    same,
    different: bin.same.length - same,
    images: bin.images.length,
    distinctImages: hashes.size,
    ...tally.census(),
    ...judge(bin),
    ...(bin.sidecar && { source: bin.sidecar.source }),
  }
}

/** The folds, and whether an accuracy can be told from them. */
function judge(bin: VerificationBin): Pick<BinInspection, 'folds' | 'problem'> {
  let folded: FoldedPairs | undefined
  try {
    folded = foldedPairs(bin)
    requireBothClasses(folded, bin.path)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { ...(folded && foldsOf(folded, bin)), problem: error.fault.problem }
  }
  return foldsOf(folded, bin)
}

function foldsOf({ folds }: FoldedPairs, { sidecar }: VerificationBin): Pick<BinInspection, 'folds'> {
  const pairs: number[] = []
  for (const fold of folds) pairs[fold] = (pairs[fold] ?? 0) + 1
  const isListed = sidecar?.pairs.every(({ fold }) => fold !== null) === true
  return { folds: { by: isListed ? 'sidecar' : 'place', pairs } }
}
