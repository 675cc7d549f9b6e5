import type { Origin, Person, PersonOrigin, PersonRow } from '../api.js'
import type { BrowsedDataset } from './browsed-dataset.js'

/** An identity as the grid shows it. @param value by which it was sorted */
export function personRow({ people, photos }: BrowsedDataset, label: number, value?: number): PersonRow {
  const name = people.names[label]
  return {
    label,
    ...(name !== undefined && { name }),
    images: people.images[label]!,
    cover: photos.first(label),
    ...(value !== undefined && !Number.isNaN(value) && { value }),
  }
}

/** An identity with where it came from. */
export function person(dataset: BrowsedDataset, label: number): Person {
  return { ...personRow(dataset, label), origins: originsOf(dataset, label) }
}

function originsOf({ dataset, people }: BrowsedDataset, label: number): PersonOrigin[] {
  if (dataset.description === undefined) return []
  const { sources } = dataset.description
  const origin = (source: number, name: string | undefined, label: number): PersonOrigin => {
    const found: Origin | undefined = sources[source]
    return { ...(found !== undefined && { source: found }), ...(name !== undefined && { name }), label }
  }
  return [
    origin(people.sources[label]!, people.sourceNames[label], people.sourceLabels[label]!),
    ...(people.joined[label] ?? []).map((joined) => origin(joined.source, joined.name, joined.label)),
  ]
}
