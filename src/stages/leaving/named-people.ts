import type { Dataset } from '../../dataset/index.js'
import { comparedName } from './name-list.js'
import { originsOf, type PersonPlace } from './person-place.js'

/** The people of a dataset that a list of names means. */
export interface NamedPeople {
  /** Ascending. */
  labels: number[]
  /** Names of the list that nobody has there. */
  missing: string[]
  /** The same people wherever they stand: in the dataset, and in those that it was made from. */
  places: PersonPlace[]
}

/**
 * Finds people by their name in the dataset, or in the dataset that they came from. Several may have one name: all of
 * them are meant. @param names as `parseNames` gives them @throws InputError
 */
export async function findNamedPeople(dataset: Dataset, names: string[]): Promise<NamedPeople> {
  const wanted = new Set(names)
  const met = new Set<string>()
  const people: NamedPeople = { labels: [], missing: [], places: [] }
  const { description } = dataset
  const table = description === undefined ? undefined : await dataset.identities()
  const own = table?.names ?? (await dataset.identityNames())
  for (const [label, name] of own.entries()) {
    const origins = table === undefined ? [] : originsOf(description!, table, label)
    const sourceName = table?.sourceNames[label]
    const known = [name, sourceName, ...origins.map((origin) => origin.name)]
    const meant = known.filter((one) => one !== undefined && wanted.has(comparedName(one)))
    if (meant.length === 0) continue
    for (const one of meant) met.add(comparedName(one!))
    people.labels.push(label)
    people.places.push({ dataset: dataset.name, name, label }, ...origins)
  }
  people.missing = names.filter((name) => !met.has(name))
  return people
}
