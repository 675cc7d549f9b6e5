import type { Dataset } from '../../dataset/index.js'
import { type CachePlaces, DatasetSource } from '../../embeddings/index.js'
import { identityCentres, NearestSearch } from '../../identities/index.js'
import { type ImageInput, reopenImages } from '../image-input.js'
import type { ModelInput } from '../model-input.js'
import type { StageContext } from '../stage.js'
import { withEmbeddings } from '../with-embeddings.js'
import {
  type ExcludedPerson,
  findByBytes,
  findByEmbedding,
  type Probes,
  probesOf,
} from './excluded-people.js'

/** Test sets whose people leave, as a plan froze them. */
export interface ExclusionPlan {
  tests: ImageInput[]
  threshold: number
  /** Missing where byte-identical images alone tell. */
  model?: ModelInput
  cache: CachePlaces
}

/** By input, the people who leave it, each once: by a byte-identical image where there is one. @throws InputError */
export async function findExcluded(
  inputs: Dataset[],
  plan: ExclusionPlan,
  context: StageContext,
): Promise<Map<number, ExcludedPerson>[]> {
  const found = inputs.map(() => new Map<number, ExcludedPerson>())
  const add = (input: number, people: ExcludedPerson[]) => {
    for (const person of people) if (!found[input]!.has(person.label)) found[input]!.set(person.label, person)
  }
  for (const test of plan.tests) {
    const source = await reopenImages(test)
    try {
      for (const [i, input] of inputs.entries()) add(i, await findByBytes(input, source))
    } finally {
      await source.close()
    }
  }
  if (plan.model !== undefined) {
    const people = await byEmbedding(inputs, { ...plan, model: plan.model }, context)
    for (const [i, some] of people.entries()) add(i, some)
  }
  return found
}

async function byEmbedding(
  inputs: Dataset[],
  plan: ExclusionPlan & { model: ModelInput },
  context: StageContext,
): Promise<ExcludedPerson[][]> {
  const { signal, progress, jobs } = context
  const search = new NearestSearch(jobs)
  try {
    return await withEmbeddings(plan, context, async (model, cache) => {
      const probes: Probes[] = []
      for (const test of plan.tests) {
        const source = await reopenImages(test)
        try {
          probes.push(await probesOf(source, test.kind !== 'bin', { model, cache }, context))
        } finally {
          await source.close()
        }
      }
      const found: ExcludedPerson[][] = []
      for (const input of inputs) {
        progress.start(`embedding ${input.name}`, input.imageCount, 'images')
        const centres = await identityCentres(new DatasetSource(input), model, cache, {
          signal,
          onBatch: ({ images, skipped: { length: skipped } }) =>
            progress.advance(images.length + skipped, { skipped }),
        })
        const people: ExcludedPerson[] = []
        for (const some of probes) {
          people.push(...(await findByEmbedding(centres, some, plan.threshold, search, signal)))
        }
        found.push(people)
      }
      return found
    })
  } finally {
    await search.close()
  }
}
