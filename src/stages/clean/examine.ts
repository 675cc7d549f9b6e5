import {
  type ExaminedImages,
  Findings,
  type MeasuredImages,
  measureDataset,
  PersonVectors,
  ruleOf,
} from '../../curation/index.js'
import type { Dataset } from '../../dataset/index.js'
import { DatasetSource, embedImages } from '../../embeddings/index.js'
import type { StageContext } from '../stage.js'
import { withEmbeddings } from '../with-embeddings.js'
import type { CleanShard } from './clean.js'
import type { ReportRow } from './report-row.js'
import { reportRows } from './report-rows.js'

/**
 * Lets the rules of a run look at a dataset. @param known what was measured already
 * @throws InputError; the reason of the signal
 */
export async function examine(
  dataset: Dataset,
  shard: CleanShard,
  context: StageContext,
  known?: MeasuredImages,
): Promise<ReportRow[]> {
  const { signal, progress } = context
  const measured = known ?? (await measureAll(dataset, context))
  if (shard.model === undefined) return findAll(dataset, { ...measured, people: undefined }, shard)
  return withEmbeddings({ model: shard.model, cache: shard.cache }, context, async (model, cache) => {
    progress.start('embedding', dataset.imageCount, 'images')
    for await (const batch of embedImages(new DatasetSource(dataset), model, cache, signal)) {
      const skipped = batch.skipped.length
      progress.advance(batch.images.length + skipped, { skipped })
    }
    const { hashes, labels } = measured
    const people = new PersonVectors(cache, model.embedder.embeddingSize, hashes, labels)
    tellOfMissing(people, measured, context)
    return findAll(dataset, { ...measured, people }, shard)
  })
}

async function measureAll(
  dataset: Dataset,
  { jobs, signal, progress }: StageContext,
): Promise<MeasuredImages> {
  progress.start('measuring', dataset.imageCount, 'images')
  const onImages = (count: number, skipped: number): void => progress.advance(count, { skipped })
  return measureDataset(dataset, { jobs, signal, onImages })
}

async function findAll(
  dataset: Dataset,
  images: ExaminedImages,
  { rules }: CleanShard,
): Promise<ReportRow[]> {
  const findings = new Findings(rules.map(({ name }) => name))
  for (const { name, threshold } of rules) ruleOf(name).find(images, threshold ?? 0, findings)
  const thresholds = new Map(
    rules.flatMap(({ name, threshold }) => (threshold === undefined ? [] : [[name, threshold] as const])),
  )
  return reportRows(dataset, images, findings, thresholds)
}

function tellOfMissing(people: PersonVectors, { undecodable }: MeasuredImages, { log }: StageContext): void {
  const others = people.missing - undecodable.size
  if (others > 0) {
    log.warn(
      `${others.toLocaleString('en-US')} images have another size than the model takes: the rules that need it do not look at them`,
    )
  }
}
