import { judgeImage } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { createXxh64 } from '../../hash/xxh64.js'
import type { InputFile } from '../../io/index.js'
import type { Progress } from '../../progress/progress.js'
import {
  type DamagedRange,
  type FlawedRecord,
  IMAGE_HEADER_BYTES,
  imageId,
  type JudgeRecord,
  type StoredRecord,
  salvageRecords,
  singleLabel,
  unpackImage,
} from '../../recordio/index.js'
import type { Comparison } from './comparison.js'
import { ImageRecordCheck } from './image-record-check.js'

/** Progress is told in these. */
const MEGABYTE = 1024 * 1024

/** The labels of a record, and the image behind them. */
interface Content {
  labels: ArrayLike<number>
  image: Uint8Array
  /** It holds numbers and no image: a record of the insightface dialect. */
  isNumbers: boolean
}

/** Reads a `.rec` file once, from front to back, and compares each record with what other files say of it. */
export class RecordWalk {
  readonly #file: InputFile
  readonly #with: Comparison
  readonly #images: ImageRecordCheck
  readonly #hash = createXxh64()
  /** Whether the image of each line of the index was met, for certain. */
  readonly met: Uint8Array
  records = 0
  images = 0
  /** Records that cannot be read, or whose key is not certain. */
  doubtful = 0

  constructor(file: InputFile, comparison: Comparison) {
    this.#file = file
    this.#with = comparison
    this.#images = new ImageRecordCheck(comparison)
    this.met = new Uint8Array(comparison.index?.keys.length ?? 0)
  }

  /** Label of the image of each line of the index, or `UNKNOWN_LABEL`. */
  get labels(): Int32Array {
    return this.#images.labels
  }

  /** @throws InputError where the file cannot be read */
  async run(progress: Progress, signal: AbortSignal): Promise<void> {
    progress.start('verifying', Math.ceil(this.#file.size / MEGABYTE), 'MB')
    let read = 0
    const observe = (bytes: Uint8Array) => {
      this.#hash.update(bytes)
      progress.advance(Math.floor((read + bytes.length) / MEGABYTE) - Math.floor(read / MEGABYTE))
      read += bytes.length
    }
    const { index } = this.#with
    const judge: JudgeRecord = (payload, end) => index?.names(end) || judgeImage(payload, end)
    for await (const { records, flawed, damage } of salvageRecords(this.#file, { judge, observe })) {
      signal.throwIfAborted()
      await this.#checkBatch(records, new Map(flawed.map((flaw) => [flaw.offset, flaw])))
      if (damage !== undefined) await this.#tellDamage(damage)
      await this.#with.decode?.ready()
    }
    await this.#checkEnd()
    await this.#with.decode?.finish()
    progress.finish()
  }

  async #checkBatch(records: StoredRecord[], flaws: Map<number, FlawedRecord>): Promise<void> {
    const { index, manifest, hasIds } = this.#with
    for (const { offset, payload } of records) {
      this.records++
      const id = imageId(payload)
      const line = index?.lineOf(offset, hasIds ? id : -1) ?? -1
      const key = line !== -1 ? index!.keys[line]! : id === -1 ? this.records - 1 : id
      const content = this.#contentOf(payload, key, offset)
      const flaw = flaws.get(offset)
      if (content?.isNumbers === true) {
        if (flaw !== undefined) this.#tellFlaw(flaw, key)
        this.#addNumbers(content.labels, key, offset, id)
        continue
      }
      let row = manifest?.rowOf(offset, key)
      while (row === undefined && manifest?.isShort === true) {
        await manifest.fill()
        row = manifest.rowOf(offset, key)
      }
      // Wrong padding comes of a wrong length too, which is told with the row.
      const isLength = row === undefined || row.batch.lengths[row.row] === payload.length
      if (flaw !== undefined && isLength) this.#tellFlaw(flaw, key)
      if (content === undefined) continue
      this.images++
      const image = { offset, length: payload.length, id, label: content.labels[0]!, image: content.image }
      if (this.#images.check(image, line, row) && line !== -1) this.met[line] = 1
    }
  }

  #tellFlaw({ offset, problem }: FlawedRecord, key: number): void {
    const { report, names } = this.#with
    report.add({ kind: 'structure', file: names.records, record: key, offset, problem })
  }

  /** Undefined, and a fault, where the payload is shorter than its header says. */
  #contentOf(payload: Uint8Array, key: number, offset: number): Content | undefined {
    const label = singleLabel(payload)
    if (label !== undefined) {
      return { labels: [label], image: payload.subarray(IMAGE_HEADER_BYTES), isNumbers: false }
    }
    const { report, names } = this.#with
    try {
      const { header, image } = unpackImage(payload, { file: names.records, offset })
      return { labels: header.labels, image, isNumbers: image.length === 0 }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      const { problem, expected, actual } = error.fault
      report.add({
        kind: 'structure',
        file: names.records,
        record: key,
        offset,
        problem,
        expected: String(expected),
        actual: String(actual),
      })
      this.doubtful++
      return undefined
    }
  }

  #addNumbers(labels: ArrayLike<number>, key: number, offset: number, id: number): void {
    const { hasIds, numbers, report, names } = this.#with
    if (hasIds && id !== key) this.#images.tellId(key, offset, id)
    else if (labels.length === 2) {
      numbers.add(key, labels[0]!, labels[1]!)
      return
    } else {
      const problem = 'a record without an image holds other than two numbers'
      report.add({ kind: 'range', file: names.records, record: key, offset, problem, actual: labels.length })
    }
    this.doubtful++
  }

  async #tellDamage({ start, end, problem, expected, actual }: DamagedRange): Promise<void> {
    const { index, manifest, report, names } = this.#with
    const byIndex = index?.pass(start, end)
    const byManifest = await manifest?.pass(end)
    const { count, first } = byIndex ?? byManifest ?? { count: 1, first: undefined }
    const lost = count > 1 ? `, and ${count} records are lost` : ''
    report.add({
      kind: 'structure',
      file: names.records,
      ...(first === undefined ? {} : { record: first.key }),
      offset: start,
      problem: `${problem}; nothing can be read up to offset ${end}${lost}`,
      ...(expected === undefined ? {} : { expected: String(expected) }),
      ...(actual === undefined ? {} : { actual: String(actual) }),
    })
    this.doubtful += Math.max(1, count)
  }

  /** What is named beyond the end of the file: told once, of the file that is wrong. */
  async #checkEnd(): Promise<void> {
    const { index, manifest, report, names, wholeFiles } = this.#with
    const { size } = this.#file
    const byIndex = index?.finish(size)
    const byManifest = await manifest?.finish(size)
    const lost = Math.max(byIndex?.count ?? 0, byManifest?.count ?? 0)
    this.doubtful += lost
    wholeFiles.finishRecords(names.records, this.#hash.digest(), lost)
    if (wholeFiles.isChanged(names.records)) return
    for (const [kind, found] of [
      ['index', byIndex],
      ['manifest', byManifest],
    ] as const) {
      if (found?.first === undefined) continue
      report.add({
        kind,
        file: names[kind],
        record: found.first.key,
        problem: `${found.count} offsets are beyond the end of the .rec file, of which this is the first`,
        expected: `less than ${size}`,
        actual: found.first.offset,
      })
    }
  }
}
