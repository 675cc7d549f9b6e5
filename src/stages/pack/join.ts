import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type DatasetDescription, DatasetWriter, publishDataset, type Source } from '../../dataset/index.js'
import { allEnded } from '../../io/index.js'
import { Random } from '../../random/random.js'
import { describeEmpty, type EmptyLabel, someOf } from '../empty-labels.js'
import { describeFirstLabels } from '../kept-labels.js'
import type { Plan, ShardResult, StageContext } from '../stage.js'
import {
  assignLabels,
  identitiesByLabel,
  isOrderOfNames,
  type Labelling,
  type Positions,
  splitPositions,
} from './labels.js'
import { LeftOut, REASONS_SHOWN } from './left-out.js'
import { contentOptions, dialectOf, type PackOptions } from './options.js'
import type { PartRecord } from './part-record.js'
import { Parts } from './parts.js'
import { conversionKey } from './plan-previous.js'
import type { PackResult } from './result.js'
import type { PackShard, PlanFindings } from './shard.js'
import { writeSourceCache } from './write-source-cache.js'

/** Images of one batch where they are read one by one. */
const SHUFFLED_BATCH = 256

/** Where a dataset comes from and goes to, as planned. */
export interface PackTarget {
  name: string
  output: string
  sources: Source[]
}

/** Joins the parts into one dataset and publishes it. @throws StrictError, InputError, OutputError */
export async function joinParts(
  plan: Plan<PackShard>,
  results: ShardResult[],
  target: PackTarget,
  context: StageContext,
): Promise<PackResult> {
  const parts = await Parts.open(context.scratch, plan.shards, results)
  try {
    return await new Join(plan, parts, target, context).run()
  } finally {
    await parts.close()
  }
}

class Join {
  readonly #plan: Plan<PackShard>
  readonly #options: PackOptions
  readonly #parts: Parts
  readonly #target: PackTarget
  readonly #context: StageContext
  readonly #labelling: Labelling
  readonly #positions: Positions
  /** Where each image stands in `train.rec`, by position; -1 for one that is left out. */
  readonly #offsets: Float64Array
  readonly #counts = { 'as-is': 0, converted: 0, damaged: 0, skipped: 0, dropped: 0, reused: 0 }

  constructor(plan: Plan<PackShard>, parts: Parts, target: PackTarget, context: StageContext) {
    this.#plan = plan
    this.#options = plan.options as PackOptions
    this.#parts = parts
    this.#target = target
    this.#context = context
    const { kept } = this.#findings
    this.#labelling = assignLabels(plan.shards, parts, this.#options['min-images'], kept)
    this.#positions = splitPositions(plan.shards, parts, this.#labelling)
    this.#offsets = new Float64Array(parts.count).fill(-1)
  }

  async run(): Promise<PackResult> {
    const { scratch, replace, strict, approve } = this.#context
    const { name, output, sources } = this.#target
    const leftOut = new LeftOut(this.#parts, this.#positions.left, this.#findings.unnamed, {
      sources,
      minimum: this.#options['min-images'],
    })
    if (strict) await leftOut.refuseSkipped(scratch)
    if (this.#positions.kept.length === 0) throw leftOut.nothingLeft()
    const { identities, empty } = identitiesByLabel(this.#labelling, this.#findings.kept, sources)
    this.#warnOfLabels(empty)
    const labelsFrom = isOrderOfNames(identities, empty) ? undefined : this.#findings.kept?.dataset
    const folder = join(scratch, 'dataset')
    const writer = await DatasetWriter.create(folder, {
      name,
      dialect: dialectOf(this.#options),
      ...this.#imageSize(),
      sources,
      stage: 'pack',
      options: contentOptions(this.#options, labelsFrom),
    })
    try {
      for (const identity of identities) writer.addIdentity(identity)
      this.#skipUnnamed(writer)
      await this.#addImages(writer)
      const [written] = await allEnded([writer.finish(), this.#writeSourceCache(folder)])
      // Skipped files were refused above; images dropped by --min-images were asked for.
      await publishDataset(written, output, { strict: false, replace, approve })
      return this.#result(written.description, empty)
    } catch (error) {
      await writer.discard()
      throw error
    }
  }

  get #findings(): PlanFindings {
    return this.#plan.shards[0]!.findings!
  }

  #warnOfLabels(empty: EmptyLabel[]): void {
    const { log } = this.#context
    const { names, labels, keptLabels } = this.#labelling
    const leftOut = names.filter((_, i) => labels[i]! < 0 && keptLabels[i]! < 0)
    if (leftOut.length > 0) {
      const minimum = this.#options['min-images']
      const few = minimum > 1 ? `that keep fewer than ${minimum} images` : 'of which no image is left'
      log.warn(`no label for identities ${few}: ${someOf(leftOut)}`)
    }
    if (empty.length > 0) log.warn(describeEmpty(empty))
    const previous = this.#options['labels-from']
    if (previous !== undefined && this.#findings.kept === undefined) {
      log.info(describeFirstLabels(previous))
    }
  }

  #skipUnnamed(writer: DatasetWriter): void {
    for (const { source, path, reason } of this.#findings.unnamed) {
      this.#counts.skipped++
      writer.skip({ source: this.#sourceName(source), path, reason })
    }
  }

  async #addImages(writer: DatasetWriter): Promise<void> {
    const { progress, signal, log } = this.#context
    progress.start('joining', this.#parts.count, 'images')
    for await (const records of this.#batches()) {
      const before = this.#skippedOrDropped
      for (const record of records) this.#addRecord(writer, record)
      await writer.ready()
      progress.advance(records.length, { skipped: this.#skippedOrDropped - before })
      signal.throwIfAborted()
    }
    const { damaged } = this.#counts
    if (damaged > 0) log.warn(`${damaged} files were stored as they are and cannot be decoded`)
  }

  get #skippedOrDropped(): number {
    return this.#counts.skipped + this.#counts.dropped
  }

  /** In the order of the dataset; when shuffled, what is left out comes first. */
  async *#batches(): AsyncGenerator<PartRecord[]> {
    if (!this.#options.shuffle) return yield* this.#parts.batches()
    const { kept, left } = this.#positions
    new Random(this.#options.seed).shuffle(kept)
    for (const positions of [left, kept]) {
      for (let i = 0; i < positions.length; i += SHUFFLED_BATCH) {
        yield Array.from(positions.subarray(i, i + SHUFFLED_BATCH), (position) => this.#parts.read(position))
        await setImmediate()
      }
    }
  }

  #addRecord(writer: DatasetWriter, record: PartRecord): void {
    const { outcome, identity, path, source, position, xxh64 } = record
    const { images, labels, names } = this.#labelling
    const label = labels[identity]!
    if (outcome.kind === 'skipped') {
      this.#counts.skipped++
      writer.skip({ source: this.#sourceName(source), path, reason: outcome.reason })
    } else if (label < 0) {
      this.#counts.dropped++
      const reason = `"${names[identity]}" keeps ${images[identity]} images, fewer than --min-images ${this.#options['min-images']}`
      writer.skip({ source: this.#sourceName(source), path, reason })
    } else {
      this.#counts[outcome.kind]++
      if (record.reused) this.#counts.reused++
      if (outcome.kind === 'damaged') this.#warnOfDamage(record, outcome.reason)
      this.#offsets[position] = writer.position
      const { bytes, width, height, format } = outcome.image
      writer.addImage({ label, source, path, xxh64, bytes, width, height, format })
    }
  }

  #warnOfDamage({ source, path }: PartRecord, reason: string): void {
    if (this.#counts.damaged > REASONS_SHOWN) return
    this.#context.log.warn(`stored as it is: ${this.#sourceName(source)}/${path}: ${reason}`)
  }

  async #writeSourceCache(folder: string): Promise<void> {
    const { shards } = this.#plan
    const conversion = conversionKey(shards[0]!.conversion)
    const origin = { conversion, folders: this.#options.inputs }
    await writeSourceCache(folder, origin, shards, this.#parts, this.#offsets)
  }

  /** `--size`; passed-through images have a size of their own, of which the first one's is stated. */
  #imageSize(): { width: number; height: number } {
    const { size } = this.#options
    if (!this.#options['pass-through']) return { width: size, height: size }
    const { kept } = this.#positions
    const first = this.#parts.sizeOf(kept[0]!)
    const other = kept.find((position) => {
      const { width, height } = this.#parts.sizeOf(position)
      return width !== first.width || height !== first.height
    })
    if (other !== undefined) {
      this.#context.log.warn(
        `the images are not all of one size: the dataset's property states ${first.width} x ${first.height}, the first one's. Training needs one size: pack without --pass-through`,
      )
    }
    return first
  }

  #result({ fingerprint, images, identities }: DatasetDescription, empty: EmptyLabel[]): PackResult {
    const { 'as-is': asIs, converted, damaged, skipped, dropped, reused } = this.#counts
    return {
      output: this.#target.output,
      fingerprint,
      images,
      identities,
      asIs: asIs + damaged,
      converted,
      damaged,
      reused,
      skipped,
      dropped,
      identitiesLeftOut: this.#labelling.labels.filter((label) => label < 0).length,
      emptyLabels: empty,
      webDatasets: this.#findings.webDatasets,
      ignored: this.#findings.ignored,
    }
  }

  #sourceName(source: number): string {
    return this.#target.sources[source]!.name
  }
}
