import { resolveDataset } from '../../dataset/index.js'
import { InputFile } from '../../io/index.js'
import { type Progress, silentProgress } from '../../progress/progress.js'
import type { Comparison } from './comparison.js'
import { type DatasetParts, findDatasetParts } from './dataset-parts.js'
import { checkDescription } from './description-check.js'
import { FaultReport } from './fault-report.js'
import { checkIdentities } from './identities-check.js'
import { checkIdentityRanges } from './identity-ranges.js'
import type { KnownImages } from './image-digests.js'
import { prepareComparison } from './prepare-comparison.js'
import { checkProperty } from './property-check.js'
import { RecordWalk } from './record-walk.js'
import type { DatasetFault, DatasetVerification } from './verification.js'

export interface VerifyOptions {
  /** Folder in which names are looked up. */
  datasets?: string
  /** Decode every image too. */
  decode?: boolean
  /** Threads that decode. */
  jobs?: number
  /** Is handed each fault as it is found: there may be one for each of millions of records. */
  onFault?: (fault: DatasetFault) => void
  progress?: Progress
  signal?: AbortSignal
  /** What shards found out of the images: their bytes are not looked at again. */
  known?: KnownImages
}

/**
 * Checks a dataset of facedata or of another tool, front to back, and changes nothing. It need not be one that
 * `Dataset.open` takes: what can be read is checked. Memory grows by index, list and labels alone, about 40 bytes a
 * record.
 * @throws InputError where there is no dataset, or its `.rec` file cannot be read; the reason of `signal`
 */
export async function verify(nameOrPath: string, options: VerifyOptions = {}): Promise<DatasetVerification> {
  const report = new FaultReport(options.onFault ?? (() => {}))
  const parts = await findDatasetParts(await resolveDataset(nameOrPath, options.datasets), report)
  const records = parts.hasRecords ? await InputFile.open(parts.files.records) : undefined
  try {
    return await new DatasetCheck(parts, records, options, report).run()
  } finally {
    await records?.close()
  }
}

class DatasetCheck {
  readonly #parts: DatasetParts
  readonly #records: InputFile | undefined
  readonly #options: VerifyOptions
  readonly #report: FaultReport

  constructor(
    parts: DatasetParts,
    records: InputFile | undefined,
    options: VerifyOptions,
    report: FaultReport,
  ) {
    this.#parts = parts
    this.#records = records
    this.#options = options
    this.#report = report
  }

  async run(): Promise<DatasetVerification> {
    const { decode, jobs = 1, progress = silentProgress } = this.#options
    const signal = this.#options.signal ?? new AbortController().signal
    const decoding = decode === true ? { jobs, signal } : undefined
    const comparison = await prepareComparison(
      this.#parts,
      this.#records,
      decoding,
      this.#report,
      this.#options.known,
    )
    try {
      const walk = this.#records === undefined ? undefined : new RecordWalk(this.#records, comparison)
      if (walk === undefined) await comparison.manifest?.finish(0)
      else await walk.run(progress, signal)
      await this.#checkTotals(comparison, walk)
      comparison.wholeFiles.finish()
      return this.#result(comparison, walk)
    } finally {
      await comparison.manifest?.close()
      await comparison.decode?.close()
    }
  }

  /** What only the whole file tells. */
  async #checkTotals(comparison: Comparison, walk: RecordWalk | undefined): Promise<void> {
    const { files, description } = this.#parts
    const { names, property, index, list, manifest, numbers, shapes, labels } = comparison
    const report = this.#report
    const complete = walk !== undefined && walk.doubtful === 0
    const counts = complete ? labels.counts : manifest?.isWhole === true ? manifest.labels : undefined
    const images = complete ? walk.images : manifest?.isWhole === true ? manifest.passed : undefined
    if (walk !== undefined && walk.records === 0 && complete) {
      report.add({ kind: 'structure', file: names.records, problem: 'it holds no record' })
    }
    const identityRecords = walk === undefined ? 0 : this.#checkRanges(comparison, walk)
    if (walk !== undefined) {
      list?.finish((key) => (index === undefined ? !complete : walk.met[index.table.positionOf(key)] === 0))
    }
    const rows =
      files.identities === undefined
        ? undefined
        : await checkIdentities(files.identities, names.identities, counts, report)
    if (description !== undefined) {
      const found = { images, identities: rows, labels: counts, numberRecords: numbers.count }
      await checkDescription(description, files.folder, found, comparison)
    }
    if (property !== undefined) {
      checkProperty(property, { description, identityRecords, images }, comparison)
      shapes.finish(names.property)
    }
    this.#checkLabels(comparison, rows ?? identityRecords, complete)
  }

  /** Returns the number of identity records; 0 where there are none, or not all of them can be read. */
  #checkRanges({ names, index, numbers }: Comparison, walk: RecordWalk): number {
    const isInsightface = this.#parts.description?.dialect === 'insightface'
    if (numbers.count === 0 && numbers.header === undefined && !isInsightface) return 0
    if (this.#parts.description?.dialect === 'im2rec') return 0
    const incomplete = walk.doubtful > 0 || this.#report.blames(names.index)
    if (index === undefined) this.#report.notChecked.push('identity records: there is no index')
    else {
      const { labels } = walk
      checkIdentityRanges(numbers, {
        records: names.records,
        index,
        labels,
        incomplete,
        report: this.#report,
      })
    }
    return incomplete ? 0 : numbers.count
  }

  /** @param counted identities by rows or identity records; 0 where neither tells */
  #checkLabels({ names, property, labels }: Comparison, counted: number, complete: boolean): void {
    const { description } = this.#parts
    const foreign = property === undefined ? names.records : names.property
    const file = description === undefined ? foreign : names.description
    const identities = counted || description?.identities || property?.identities
    if (identities === undefined) return
    // Identity records and `identities.arrow` say which labels have no images; a property file alone does not.
    labels.finish(file, identities, complete && description === undefined && counted === 0)
  }

  #result({ labels, decode }: Comparison, walk: RecordWalk | undefined): DatasetVerification {
    const { files, description } = this.#parts
    return {
      name: description?.name ?? files.name,
      path: files.folder,
      bytes: this.#records?.size ?? 0,
      records: walk?.records ?? 0,
      images: walk?.images ?? 0,
      identities: labels.counts.used,
      ...(decode === undefined ? {} : { decoded: decode.decoded }),
      faultCount: this.#report.count,
      faultsByKind: this.#report.byKind,
      notChecked: this.#report.notChecked,
    }
  }
}
