import type { Dataset } from './dataset.js'
import type { Source } from './description.js'
import type { Identity } from './identities.js'

/** The sources of a dataset that is made from others, and which of them each input's own sources became. */
export interface DerivedSources {
  sources: Source[]
  /** By input: position in `sources` of its first one. */
  first: number[]
}

/**
 * Datasets that are not derived themselves are the sources: what is made from a derived one keeps where its records
 * came from. What those were made from, with licence and origin, stays with them.
 */
export async function derivedSources(inputs: Dataset[]): Promise<DerivedSources> {
  const sources: Source[] = []
  const first: number[] = []
  for (const input of inputs) {
    first.push(sources.length)
    if (isDerived(input)) sources.push(...input.description!.sources)
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

/** Position in the derived sources of an image with that source in its input. */
export function derivedSource(input: Dataset, first: number, source: number): number {
  return isDerived(input) ? first + source : first
}

/** The identities of an input, in the order of its labels, as the derived dataset tells them. @throws InputError */
export async function derivedIdentities(input: Dataset, first: number): Promise<Identity[]> {
  if (!isDerived(input)) {
    const names = await input.identityNames()
    return Array.from(names, (name, label) => ({ name, source: first, sourceName: name, sourceLabel: label }))
  }
  const table = await input.identities()
  return Array.from(table.names, (name, label) => ({
    name,
    source: first + table.sources[label]!,
    sourceName: table.sourceNames[label],
    sourceLabel: table.sourceLabels[label]!,
    joined: table.joined[label]?.map((joined) => ({ ...joined, source: first + joined.source })),
  }))
}

/** Made from other datasets, not from photos. */
function isDerived({ description }: Dataset): boolean {
  return description?.sources.every(({ kind }) => kind === 'dataset') ?? false
}
