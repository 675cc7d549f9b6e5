import { resolve } from 'node:path'
import type { Dataset } from '../../dataset/index.js'
import { DatasetSource, EmbeddingCache } from '../../embeddings/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import {
  type Centres,
  defaultRule,
  findMatches,
  type IdentityMatch,
  identityCentres,
  type MatchAction,
  NearestSearch,
} from '../../identities/index.js'
import { readWholeFile } from '../../io/index.js'
import { cachePlaces, freezeModel, type ModelInput, reopenModel } from '../model-input.js'
import type { StageContext } from '../stage.js'
import { matchByName } from './by-name.js'
import { type MergeOptions, matchingOf } from './options.js'
import { type NamedInput, readReviewCsv } from './review-csv.js'

/** How a plan matches identities. */
export type PlannedMatching = { action: MatchAction; dryRun: boolean } & (
  | { kind: 'by-name' }
  | {
      kind: 'by-embedding'
      model: ModelInput
      threshold: number
      cache: { folder: string; files: string[] }
    }
  | { kind: 'map'; file: string; xxh64: string }
)

/** Undefined where every identity stays by itself. @throws UsageError, InputError */
export async function planMatching(options: MergeOptions): Promise<PlannedMatching | undefined> {
  const matching = matchingOf(options)
  const common = { action: options['on-match'] ?? 'merge', dryRun: options['dry-run'] }
  if (matching.kind === 'disjoint') return undefined
  if (matching.kind === 'by-name') return { kind: 'by-name', ...common }
  if (matching.kind === 'map') {
    const file = resolve(matching.file)
    return { kind: 'map', file, xxh64: hashToHex(xxh64(await readWholeFile(file))), ...common }
  }
  const { folder, files = [] } = cachePlaces(options.embeddings, options.datasets)
  return {
    kind: 'by-embedding',
    ...common,
    model: await freezeModel(matching.model, options),
    threshold: options.threshold ?? defaultRule.threshold,
    cache: { folder, files },
  }
}

/** What the options of a merged dataset say of it: all that decides which identities were joined. */
export function describeMatching(matching: PlannedMatching | undefined, model: string | undefined) {
  if (matching === undefined) return {}
  const { kind, action } = matching
  return {
    identities: kind,
    'on-match': action,
    ...(kind === 'by-embedding' && { threshold: matching.threshold, model }),
    ...(kind === 'map' && { map: matching.xxh64 }),
  }
}

/** The identities of the inputs that are one person, doubtful ones first. */
export interface FoundMatches {
  matches: IdentityMatch[]
  /** Hash of the model file, where there is one. */
  model?: string
}

export async function matchIdentities(
  matching: PlannedMatching,
  inputs: Dataset[],
  named: NamedInput[],
  context: StageContext,
): Promise<FoundMatches> {
  if (matching.kind === 'map') return { matches: await readReviewCsv(matching.file, named, matching.action) }
  if (matching.kind === 'by-name') {
    return {
      matches: matchByName(
        named.map(({ names }) => names),
        matching.action,
      ),
    }
  }
  const model = await reopenModel(matching.model, context)
  try {
    const cache = await EmbeddingCache.open(matching.cache, model)
    const centres: Centres[] = []
    try {
      for (const input of inputs) centres.push(await centresOf(input, { model, cache }, context))
    } finally {
      await cache.close()
    }
    const matches = await searchMatches(centres, matching, context)
    return { matches, model: model.xxh64 }
  } finally {
    await model.embedder.close()
  }
}

async function centresOf(
  input: Dataset,
  { model, cache }: { model: Parameters<typeof identityCentres>[1]; cache: EmbeddingCache },
  { progress, signal, log }: StageContext,
): Promise<Centres> {
  progress.start(`embedding ${input.name}`, input.imageCount, 'images')
  let skipped = 0
  let reason = ''
  const centres = await identityCentres(new DatasetSource(input), model, cache, {
    signal,
    onBatch: ({ images, skipped: left }) => {
      progress.advance(images.length + left.length, { skipped: left.length })
      skipped += left.length
      reason ||= left[0]?.reason ?? ''
    },
  })
  if (skipped > 0) {
    log.warn(`${input.name}: ${skipped} images are not compared, since they have no embedding: ${reason}`)
  }
  return centres
}

async function searchMatches(
  centres: Centres[],
  { action, threshold }: PlannedMatching & { kind: 'by-embedding' },
  { progress, signal, jobs }: StageContext,
): Promise<IdentityMatch[]> {
  const identities = centres.reduce((sum, { count }) => sum + count, 0)
  progress.start('comparing', Math.round((identities * identities) / 2), 'pairs')
  const search = new NearestSearch(jobs)
  try {
    return await findMatches(search, centres, action, {
      rule: { ...defaultRule, threshold },
      signal,
      onPairs: (pairs) => progress.advance(pairs),
    })
  } finally {
    await search.close()
  }
}
