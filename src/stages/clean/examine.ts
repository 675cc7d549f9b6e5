import {
  type ExaminedImages,
  Findings,
  type MeasuredImages,
  measureDataset,
  PersonVectors,
  ruleOf,
} from '../../curation/index.js'
import { Dataset } from '../../dataset/index.js'
import { DatasetSource, EmbeddingCache, embedImages } from '../../embeddings/index.js'
import { reopenModel } from '../model-input.js'
import type { StageContext } from '../stage.js'
import type { CleanShard } from './clean.js'
import type { ReportRow } from './report-row.js'
import { reportRows } from './report-rows.js'

/** Lets the rules of a run look at a dataset. @throws InputError; the reason of the signal */
export async function examine(
  dataset: Dataset,
  shard: CleanShard,
  context: StageContext,
): Promise<ReportRow[]> {
  const { jobs, signal, progress } = context
  progress.start('measuring', dataset.imageCount, 'images')
  const onImages = (count: number): void => progress.advance(count)
  const measured = await measureDataset(dataset, { jobs, signal, onImages })
  if (shard.model === undefined) return findAll(dataset, { ...measured, people: undefined }, shard)
  const model = await reopenModel(shard.model, context)
  try {
    const cache = await EmbeddingCache.open(shard.cache, model)
    try {
      const source = new DatasetSource(await Dataset.open(shard.input.path))
      try {
        progress.start('embedding', dataset.imageCount, 'images')
        for await (const { images, skipped } of embedImages(source, model, cache, signal)) {
          progress.advance(images.length + skipped.length)
        }
      } finally {
        await source.close()
      }
      const { hashes, labels } = measured
      const people = new PersonVectors(cache, model.embedder.embeddingSize, hashes, labels)
      tellOfMissing(people, measured, context)
      return await findAll(dataset, { ...measured, people }, shard)
    } finally {
      await cache.close()
    }
  } finally {
    await model.embedder.close()
  }
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
