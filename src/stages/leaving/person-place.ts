import type { DatasetDescription, IdentityTable } from '../../dataset/index.js'

/** Where a person stands in a dataset: by name, or by label where there is no name. */
export interface PersonPlace {
  dataset: string
  name: string | undefined
  label: number
}

/** Where an identity of a dataset came from: its place in another dataset, and those of whom it was joined with. */
export function originsOf(
  { sources }: Pick<DatasetDescription, 'sources'>,
  table: IdentityTable,
  label: number,
): PersonPlace[] {
  const own = {
    source: table.sources[label]!,
    name: table.sourceNames[label],
    label: table.sourceLabels[label]!,
  }
  return [own, ...(table.joined[label] ?? [])].flatMap((origin) => {
    const source = sources[origin.source]
    if (source?.kind !== 'dataset') return []
    return [{ dataset: source.name, name: origin.name, label: origin.label }]
  })
}

/** The same for one place alone. */
export function placeKey({ dataset, name, label }: PersonPlace): string {
  return name === undefined ? `${dataset}\0\0${label}` : `${dataset}\0${name}`
}
