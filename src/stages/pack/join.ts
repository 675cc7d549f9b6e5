import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DatasetWriter, publishDataset, type Source } from '../../dataset/index.js'
import { InputError, StrictError } from '../../errors/index.js'
import { writeFileAtomically } from '../../io/index.js'
import { Random } from '../../random/random.js'
import { describeEmpty, type EmptyLabel, someOf } from '../empty-labels.js'
import type { Plan, ShardResult, StageContext } from '../stage.js'
import { assignLabels, identitiesByLabel, isOrderOfNames, type Labelling, splitPositions } from './labels.js'
import { contentOptions, dialectOf, type PackOptions } from './options.js'
import type { PartRecord } from './part-record.js'
import { Parts } from './parts.js'
import type { PackResult } from './result.js'
import type { UnnamedFile } from './scan-inputs.js'
import type { PackShard, PlanFindings } from './shard.js'

/** Reasons shown in an error; the file that it names has all. */
const REASONS_SHOWN = 3
/** Images after which progress is told and the event loop gets a turn, for signals. */
const IMAGES_PER_TURN = 256

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
  readonly #positions: { kept: Uint32Array; left: Uint32Array }
  readonly #counts = { 'as-is': 0, converted: 0, damaged: 0, skipped: 0, dropped: 0 }

  constructor(plan: Plan<PackShard>, parts: Parts, target: PackTarget, context: StageContext) {
    this.#plan = plan
    this.#options = plan.options as PackOptions
    this.#parts = parts
    this.#target = target
    this.#context = context
    const { kept } = this.#findings
    this.#labelling = assignLabels(plan.shards, parts, this.#options['min-images'], kept)
    this.#positions = splitPositions(plan.shards, parts, this.#labelling)
  }

  async run(): Promise<PackResult> {
    const { scratch, replace, strict } = this.#context
    if (strict) await this.#refuseSkipped()
    if (this.#positions.kept.length === 0) throw await this.#nothingLeft()
    const { name, output, sources } = this.#target
    const { identities, empty } = identitiesByLabel(this.#labelling, this.#findings.kept, sources)
    this.#warnOfLabels(empty)
    const labelsFrom = isOrderOfNames(identities, empty) ? undefined : this.#findings.kept?.dataset
    const writer = await DatasetWriter.create(join(scratch, 'dataset'), {
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
      const written = await writer.finish()
      // Skipped files were refused above; images dropped by --min-images were asked for.
      await publishDataset(written, output, { strict: false, replace })
      const { 'as-is': asIs, converted, damaged, skipped, dropped } = this.#counts
      return {
        output,
        fingerprint: written.description.fingerprint,
        images: written.description.images,
        identities: written.description.identities,
        asIs: asIs + damaged,
        converted,
        damaged,
        skipped,
        dropped,
        identitiesLeftOut: this.#labelling.labels.filter((label) => label < 0).length,
        emptyLabels: empty,
        webDatasets: this.#findings.webDatasets,
        ignored: this.#findings.ignored,
      }
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
      log.warn(
        `no label for identities that keep fewer than ${this.#options['min-images']} images: ${someOf(leftOut)}`,
      )
    }
    const { kept } = this.#findings
    if (empty.length > 0) log.warn(describeEmpty(empty))
    const previous = this.#options['labels-from']
    if (previous !== undefined && kept === undefined) {
      log.info(`${previous} is not there yet: labels are given in the order of names`)
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
    let done = 0
    for await (const record of this.#records()) {
      this.#addRecord(writer, record)
      if (writer.behind) await writer.ready()
      if (++done % IMAGES_PER_TURN !== 0) continue
      progress.advance(IMAGES_PER_TURN)
      await setImmediate()
      signal.throwIfAborted()
    }
    progress.advance(done % IMAGES_PER_TURN)
    const { damaged } = this.#counts
    if (damaged > 0) log.warn(`${damaged} files were stored as they are and cannot be decoded`)
  }

  /** In the order of the dataset; when shuffled, what is left out comes first. */
  async *#records(): AsyncGenerator<PartRecord> {
    if (!this.#options.shuffle) return yield* this.#parts.records()
    const { kept, left } = this.#positions
    for (const position of left) yield await this.#parts.read(position)
    const order = new Random(this.#options.seed).shuffle(kept)
    for (const position of order) yield await this.#parts.read(position)
  }

  #addRecord(writer: DatasetWriter, record: PartRecord): void {
    const { outcome, identity, path, source, xxh64 } = record
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
      if (outcome.kind === 'damaged') this.#warnOfDamage(record, outcome.reason)
      writer.addImage({ label, source, path, xxh64, ...outcome.image })
    }
  }

  #warnOfDamage({ source, path }: PartRecord, reason: string): void {
    if (this.#counts.damaged > REASONS_SHOWN) return
    this.#context.log.warn(`stored as it is: ${this.#sourceName(source)}/${path}: ${reason}`)
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

  async #refuseSkipped(): Promise<void> {
    const skipped: UnnamedFile[] = [...this.#findings.unnamed]
    for (const position of this.#positions.left) {
      if (!this.#parts.isStored(position)) skipped.push(this.#leftOut(await this.#parts.read(position)))
    }
    if (skipped.length === 0) return
    const list = join(this.#context.scratch, 'skipped.jsonl')
    const lines = skipped.map(({ source, path, reason }) => {
      return JSON.stringify({ source: this.#sourceName(source), path, reason })
    })
    await writeFileAtomically(list, lines.map((line) => `${line}\n`).join(''))
    throw new StrictError(
      `${skipped.length} skipped, and --strict was given: nothing is published. ${this.#someReasons(skipped)}. All of them: ${list}`,
    )
  }

  async #nothingLeft(): Promise<InputError> {
    const { left } = this.#positions
    const { unnamed } = this.#findings
    const skipped = unnamed.slice(0, REASONS_SHOWN)
    for (const position of left.subarray(0, REASONS_SHOWN)) {
      skipped.push(this.#leftOut(await this.#parts.read(position)))
    }
    return new InputError({
      problem: 'no image is left to pack',
      actual: `${unnamed.length + left.length} image files. ${this.#someReasons(skipped)}`,
    })
  }

  #leftOut({ source, path, outcome }: PartRecord): UnnamedFile {
    const reason = 'reason' in outcome ? outcome.reason : `below --min-images ${this.#options['min-images']}`
    return { source, path, reason }
  }

  #someReasons(files: UnnamedFile[]): string {
    return files
      .slice(0, REASONS_SHOWN)
      .map(({ source, path, reason }) => `${this.#sourceName(source)}/${path}: ${reason}`)
      .join('; ')
  }

  #sourceName(source: number): string {
    return this.#target.sources[source]!.name
  }
}
