import type { Dataset, Identity, Source } from '../../dataset/index.js'

/** The sources of a merged dataset, and which of them each input's own sources became. */
export interface MergedSources {
  sources: Source[]
  /** By input: position in `sources` of its first one. */
  first: number[]
}

/**
 * Datasets that are not merged themselves are the sources: merging a merged one keeps where its records came from.
 * What those were made from, with licence and origin, stays with them.
 */
export async function mergedSources(inputs: Dataset[]): Promise<MergedSources> {
  const sources: Source[] = []
  const first: number[] = []
  for (const input of inputs) {
    first.push(sources.length)
    if (isMerged(input)) sources.push(...input.description!.sources)
    else {
      sources.push({
        kind: 'dataset',
        name: input.name,
        fingerprint: await input.fingerprint(),
        sources: input.description?.sources,
      })
    }
  }
  return { sources, first }
}

/** Position in the merged sources of an image with that source in its input. */
export function mergedSource(input: Dataset, first: number, source: number): number {
  return isMerged(input) ? first + source : first
}

/** The identities of an input, in the order of its labels, as the merged dataset tells them. @throws InputError */
export async function mergedIdentities(input: Dataset, first: number): Promise<Identity[]> {
  if (!isMerged(input)) {
    const names = await input.identityNames()
    return Array.from(names, (name, label) => ({ name, source: first, sourceName: name, sourceLabel: label }))
  }
  const table = await input.identities()
  return Array.from(table.names, (name, label) => ({
    name,
    source: first + table.sources[label]!,
    sourceName: table.sourceNames[label],
    sourceLabel: table.sourceLabels[label]!,
  }))
}

function isMerged({ description }: Dataset): boolean {
  return description?.sources.every(({ kind }) => kind === 'dataset') ?? false
}
