import { Field, Float64, Int32, makeData, Schema, Uint8 } from 'apache-arrow'
import { ArrowFileReader, ArrowFileWriter, BATCH_ROWS } from '../arrow/index.js'
import { InputError } from '../errors/index.js'
import { AtomicFile } from '../io/index.js'
import { type FoldedPairs, requireBothClasses } from './folds.js'

/** What a model makes of each pair of a bin: all that curves and accuracies are made of. */
export interface PairScores extends FoldedPairs {
  /** Name of the bin. */
  bin: string
  /** Squared distance of the unit embeddings of each pair, 0 to 4. */
  distances: Float64Array
}

const fields = [
  new Field('same', new Uint8()),
  new Field('fold', new Int32()),
  new Field('squared_distance', new Float64()),
]

/**
 * Writes scores as an Arrow file, one row a pair in the order of the bin, whole or not at all.
 * @param step of the run at which the model stood
 * @param workshop see `AtomicFile.create` @throws OutputError
 */
export async function writePairScores(
  path: string,
  scores: PairScores,
  step: number,
  workshop?: string,
): Promise<void> {
  const { bin, same, folds, distances } = scores
  const metadata = new Map([
    ['bin', bin],
    ['step', String(step)],
  ])
  const file = await AtomicFile.create(path, workshop)
  try {
    const writer = new ArrowFileWriter(file, new Schema(fields, metadata))
    for (let first = 0; first < same.length; first += BATCH_ROWS) {
      const end = Math.min(first + BATCH_ROWS, same.length)
      writer.append(end - first, [
        makeData({ type: new Uint8(), data: same.slice(first, end) }),
        makeData({ type: new Int32(), data: folds.slice(first, end) }),
        makeData({ type: new Float64(), data: distances.slice(first, end) }),
      ])
      await writer.ready()
    }
    await writer.finish()
  } catch (error) {
    await file.discard()
    throw error
  }
  await file.commit()
}

/** @throws InputError where it is no file of scores, or its numbers are none that a bin gives */
export async function readPairScores(path: string): Promise<{ scores: PairScores; step: number }> {
  const file = await ArrowFileReader.open(path, new Schema(fields))
  try {
    const same: number[] = []
    const folds: number[] = []
    const distances: number[] = []
    for (let i = 0; i < file.batches; i++) {
      const batch = await file.batch(i)
      const values = (name: string) => batch.getChild(name)!.data[0]!.values as ArrayLike<number>
      const [sames, numbers, squares] = [values('same'), values('fold'), values('squared_distance')]
      for (let row = 0; row < batch.numRows; row++) {
        same.push(sames[row]!)
        folds.push(numbers[row]!)
        distances.push(squares[row]!)
      }
    }
    const scores: PairScores = {
      bin: file.metadata.get('bin') ?? '',
      same: Uint8Array.from(same),
      folds: Int32Array.from(folds),
      distances: Float64Array.from(distances),
    }
    checkScores(scores, path)
    return { scores, step: Number(file.metadata.get('step') ?? 0) }
  } finally {
    await file.close()
  }
}

function checkScores({ same, folds, distances }: PairScores, file: string): void {
  const most = same.length
  const wrong = distances.findIndex(
    (distance, pair) =>
      !(distance >= 0 && distance < 4.001 && same[pair]! <= 1 && folds[pair]! >= 0 && folds[pair]! < most),
  )
  if (wrong !== -1) {
    throw new InputError({
      file,
      problem: `row ${wrong} is no pair of a bin`,
      expected: 'same 0 or 1, a fold from 0, a squared distance from 0 to 4',
      actual: `${same[wrong]}, ${folds[wrong]}, ${distances[wrong]}`,
    })
  }
  requireBothClasses({ same, folds }, file)
}
