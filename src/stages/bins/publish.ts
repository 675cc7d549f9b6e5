import { InputError, StrictError } from '../../errors/index.js'
import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import { AtomicFile, removeTree, writeFileAtomically } from '../../io/index.js'
import { ListPairWriter } from '../../pickle/index.js'
import {
  type BinPair,
  chooseFolds,
  type FoldOrigin,
  type Sidecar,
  writeSidecar,
} from '../../verification/index.js'
import type { StageContext } from '../stage.js'
import { type PartRow, readImages, readRows } from './part.js'
import type { DatasetShard, ListShard } from './shard.js'

/** A bin as it was written. */
export interface WrittenBin {
  kind: 'bin'
  bin: string
  pairs: number
  same: number
  different: number
  /** 0 where there are too few pairs of a kind for folds. */
  folds: number
  /** Those of the list or the sampling, upstream's contiguous ten, or stratified ones; undefined without folds. */
  foldOrigin: FoldOrigin | undefined
  /** Pairs that are left out, because an image is missing or cannot be read. */
  skipped: number
  /** File that lists them. */
  skippedList: string | undefined
  /** Images that stand under another extension than the list says. */
  otherExtensions: number
  /** Pairs of an image with itself, which every model gets right. */
  selfPairs: number
}

/** Joins the shards to the bin and writes what belongs beside it. @throws StrictError, InputError, UsageError */
export async function publishBin(
  shards: (ListShard | DatasetShard)[],
  { scratch, strict, log, approve }: StageContext,
): Promise<WrittenBin> {
  const { output, source } = shards[0]!
  const parts: PartRow[][] = []
  for (const { number } of shards) parts.push(await readRows(scratch, number))
  const rows = parts.flat()
  const kept = rows.filter(({ lengths }) => lengths !== undefined).map(({ pair }) => pair)
  const left = rows.filter(({ skipped }) => skipped !== undefined)
  if (strict && left.length > 0) {
    throw new StrictError(
      `${left.length} of ${rows.length} pairs skipped, and --strict was given: nothing is published. The first: ${skippedLine(left[0]!)}`,
    )
  }
  if (kept.length === 0) throw nothingLeft(shards[0]!, rows.length, left[0]!)
  const same = Uint8Array.from(kept, (pair) => (pair.same ? 1 : 0))
  const listed = kept[0]!.fold === undefined ? undefined : renumber(kept.map(({ fold }) => fold!))
  const chosen = chooseFolds(same, listed)
  if (chosen === undefined)
    log.warn('the bin has less than two pairs of a kind: no model can be judged by it')
  if (listed !== undefined && chosen?.origin !== 'list') {
    log.warn('a fold of the list would hold pairs of one kind: the pairs are dealt out to folds anew')
  }
  const pairs = kept.map(
    ({ same, images, line, records }, index): BinPair => ({
      fold: chosen?.folds[index] ?? null,
      same,
      images,
      ...(line === undefined ? {} : { line }),
      ...(records === undefined ? {} : { records }),
    }),
  )
  approve?.({ pairs: pairs.length, images: 2 * pairs.length })
  const bin = await writeBin(output, scratch, pairs, imagesOf(scratch, shards, parts))
  await writeSidecar(output, { bin, source, pairs }, scratch)
  const skippedList = `${output}.skipped.jsonl`
  if (left.length === 0) await removeTree(skippedList)
  else await writeFileAtomically(skippedList, left.map((row) => `${skippedLine(row)}\n`).join(''), scratch)
  const sames = kept.filter((pair) => pair.same).length
  return {
    kind: 'bin',
    bin: output,
    pairs: kept.length,
    same: sames,
    different: kept.length - sames,
    folds: new Set(chosen?.folds).size,
    foldOrigin: chosen?.origin,
    skipped: left.length,
    skippedList: left.length === 0 ? undefined : skippedList,
    otherExtensions: kept.reduce((sum, { otherExtensions = 0 }) => sum + otherExtensions, 0),
    selfPairs: kept.filter(({ images }) => images[0] === images[1]).length,
  }
}

function nothingLeft(shard: ListShard | DatasetShard, pairs: number, { skipped }: PartRow): InputError {
  const { source } = shard
  const place = shard.kind === 'list' ? ` in ${shard.folder}` : ''
  return new InputError({
    file: String(source['pairs'] ?? source['dataset']),
    problem: `none of its ${pairs} pairs has two readable images${place}. The first: ${skipped}`,
    ...(shard.kind === 'list' && { fix: 'Check --images.' }),
  })
}

async function writeBin(
  output: string,
  scratch: string,
  pairs: BinPair[],
  images: AsyncIterable<Uint8Array>,
): Promise<Sidecar['bin']> {
  const file = await AtomicFile.create(output, scratch)
  try {
    const hash = createXxh64()
    const writer = await ListPairWriter.begin({
      async write(...pieces) {
        for (const piece of pieces) hash.update(piece)
        await file.write(...pieces)
      },
    })
    for await (const image of images) await writer.append(image)
    await writer.finish(pairs.map(({ same }) => same))
    const bytes = file.position
    await file.commit()
    return { bytes, xxh64: hashToHex(hash.digest()) }
  } catch (error) {
    await file.discard()
    throw error
  }
}

async function* imagesOf(
  scratch: string,
  shards: { number: number }[],
  parts: PartRow[][],
): AsyncGenerator<Uint8Array> {
  for (const [index, { number }] of shards.entries()) yield* readImages(scratch, number, parts[index]!)
}

/** Folds whose pairs are all left out leave a gap in the numbers. */
function renumber(folds: number[]): Int32Array {
  const numbers = [...new Set(folds)].sort((a, b) => a - b)
  const position = new Map(numbers.map((fold, index) => [fold, index]))
  return Int32Array.from(folds, (fold) => position.get(fold)!)
}

function skippedLine({ pair, skipped }: PartRow): string {
  const { line, images, same } = pair
  return JSON.stringify({ ...(line === undefined ? {} : { line }), images, same, reason: skipped })
}
