import { basename, join } from 'node:path'
import { type Property, resolveDataset } from '../../dataset/index.js'
import { InputFile } from '../../io/index.js'
import { type Progress, silentProgress } from '../../progress/progress.js'
import type { Comparison, FileNames } from './comparison.js'
import { type DatasetParts, findDatasetParts } from './dataset-parts.js'
import { DecodeCheck } from './decode-check.js'
import { checkDescription } from './description-check.js'
import { FaultReport } from './fault-report.js'
import { holdsKeys } from './header-ids.js'
import { checkIdentities } from './identities-check.js'
import { checkIdentityRanges } from './identity-ranges.js'
import { IndexCheck } from './index-check.js'
import { LabelCheck } from './label-check.js'
import { ListCheck } from './list-check.js'
import { ManifestCheck } from './manifest-check.js'
import { NumberRecords } from './number-records.js'
import { checkProperty, readPropertyOf } from './property-check.js'
import { RecordWalk } from './record-walk.js'
import { ShapeCheck } from './shape-check.js'
import type { DatasetFault, DatasetVerification } from './verification.js'
import { WholeFiles } from './whole-files.js'

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
  readonly #names: FileNames
  #property: Property | undefined

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
    this.#names = namesOf(parts)
  }

  async run(): Promise<DatasetVerification> {
    const { progress = silentProgress, signal = new AbortController().signal } = this.#options
    const comparison = await this.#prepare(signal)
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

  /** Reads and checks what the records are compared with. */
  async #prepare(signal: AbortSignal): Promise<Comparison> {
    const { files, description } = this.#parts
    const report = this.#report
    const names = this.#names
    const wholeFiles = await WholeFiles.check(files.folder, description, report)
    if (files.property !== undefined) {
      this.#property = await readPropertyOf(files.property, names.property, report)
    }
    const index = files.index === undefined ? undefined : await IndexCheck.read(files.index, names, report)
    const list = files.list === undefined ? undefined : await ListCheck.read(files.list, names.list, report)
    const manifest =
      files.manifest === undefined ? undefined : new ManifestCheck(files.manifest, names.manifest, report)
    // The images of a dataset of ours have the sizes of their rows, whatever size was asked for.
    const size = manifest === undefined && description === undefined ? this.#property : undefined
    const shapes = new ShapeCheck(names.manifest, size, report)
    const decode =
      this.#options.decode === true
        ? new DecodeCheck(
            { path: files.records, file: names.records },
            { jobs: this.#options.jobs ?? 1, signal },
            shapes,
            report,
          )
        : undefined
    const isOurs = description !== undefined && description.adopted !== true
    const hasIds =
      isOurs ||
      (index !== undefined && this.#records !== undefined && (await holdsKeys(this.#records, index)))
    this.#noteWhatIsMissing(index, manifest, hasIds)
    const labels = new LabelCheck(names.records, report)
    return {
      names,
      report,
      wholeFiles,
      index,
      list,
      manifest,
      hasIds,
      labels,
      numbers: new NumberRecords(),
      shapes,
      decode,
    }
  }

  #noteWhatIsMissing(index: IndexCheck | undefined, manifest: ManifestCheck | undefined, hasIds: boolean) {
    const { notChecked } = this.#report
    if (index === undefined) notChecked.push('keys: there is no index')
    else if (!hasIds) notChecked.push('ids in the headers of records: they are not the keys')
    if (manifest === undefined) {
      notChecked.push(
        'bytes of images: there is no manifest with their hashes, and the format has no checksum',
      )
    }
  }

  /** What only the whole file tells. */
  async #checkTotals(comparison: Comparison, walk: RecordWalk | undefined): Promise<void> {
    const { files, description } = this.#parts
    const { index, list, manifest, numbers, shapes, labels } = comparison
    const report = this.#report
    const names = this.#names
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
    if (this.#property !== undefined) {
      checkProperty(this.#property, { description, identityRecords, images }, comparison)
      shapes.finish(names.property)
    }
    this.#checkLabels(labels, rows ?? identityRecords, complete)
  }

  /** Returns the number of identity records; 0 where there are none, or not all of them can be read. */
  #checkRanges({ index, numbers }: Comparison, walk: RecordWalk): number {
    const isInsightface = this.#parts.description?.dialect === 'insightface'
    if (numbers.count === 0 && numbers.header === undefined && !isInsightface) return 0
    if (this.#parts.description?.dialect === 'im2rec') return 0
    const incomplete = walk.doubtful > 0 || this.#report.blames(this.#names.index)
    if (index === undefined) this.#report.notChecked.push('identity records: there is no index')
    else {
      const { labels } = walk
      checkIdentityRanges(numbers, {
        records: this.#names.records,
        index,
        labels,
        incomplete,
        report: this.#report,
      })
    }
    return incomplete ? 0 : numbers.count
  }

  /** @param counted identities by rows or identity records; 0 where neither tells */
  #checkLabels(labels: LabelCheck, counted: number, complete: boolean): void {
    const { description } = this.#parts
    const names = this.#names
    const foreign = this.#property === undefined ? names.records : names.property
    const file = description === undefined ? foreign : names.description
    const identities = counted || description?.identities || this.#property?.identities
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

function namesOf({ files }: DatasetParts): FileNames {
  const name = (path: string | undefined, otherwise: string) =>
    basename(path ?? join(files.folder, otherwise))
  const stem = basename(files.records, '.rec')
  return {
    records: basename(files.records),
    index: name(files.index, `${stem}.idx`),
    list: name(files.list, `${stem}.lst`),
    property: name(files.property, 'property'),
    manifest: name(files.manifest, 'manifest.arrow'),
    identities: name(files.identities, 'identities.arrow'),
    description: name(files.description, 'dataset.json'),
  }
}
