import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Dataset, datasetNames } from '../../dataset/index.js'
import { FacedataError } from '../../errors/index.js'
import { readSidecar } from '../../verification/index.js'
import { originsOf, type PersonPlace, placeKey } from './person-place.js'

/** A dataset or bin that still holds people who are to leave. */
export interface Holding {
  kind: 'dataset' | 'bin'
  /** Absolute. */
  path: string
  /** The stage that made a dataset. */
  stage?: string
  /** People of it; undefined where it cannot be told: a bin without its description. */
  people: number | undefined
}

/**
 * Looks through a datasets folder for what holds some people by lineage: datasets whose identities come from where they
 * stand, those that they came from, and bins with images of them.
 * @param except path of a dataset that is not looked at: the one that is being written
 */
export async function findHoldings(
  folder: string,
  places: PersonPlace[],
  except: string,
): Promise<Holding[]> {
  const people = new Places(places)
  const holdings: Holding[] = [...(await binsIn(folder, people))]
  for (const name of await datasetNames(folder)) {
    const path = join(folder, name)
    if (path === except || name.endsWith('.bin') || name.endsWith('.json')) continue
    const dataset = await openHere(path)
    if (dataset === undefined) continue
    try {
      const found = await peopleIn(dataset, people)
      if (found > 0) {
        const stage = dataset.description?.stage
        holdings.push({ kind: 'dataset', path, ...(stage && { stage }), people: found })
      }
      holdings.push(...(await binsIn(path, people)))
    } finally {
      await dataset.close()
    }
  }
  return holdings
}

/** What else lies in the folder is no dataset, and none of our business. */
async function openHere(path: string): Promise<Dataset | undefined> {
  return Dataset.open(path).catch((error: unknown) => {
    if (error instanceof FacedataError) return undefined
    throw error
  })
}

/** Where people stand, to be asked by name or label. */
class Places {
  readonly #keys: Set<string>
  /** Names alone, for bins. */
  readonly names: Set<string>

  constructor(places: PersonPlace[]) {
    this.#keys = new Set(places.map(placeKey))
    this.names = new Set(places.flatMap(({ name }) => (name === undefined ? [] : [name])))
  }

  has(place: PersonPlace): boolean {
    return this.#keys.has(placeKey(place))
  }
}

async function peopleIn(dataset: Dataset, people: Places): Promise<number> {
  const { description } = dataset
  const table = description === undefined ? undefined : await dataset.identities()
  const names = table?.names ?? (await dataset.identityNames())
  let found = 0
  for (const [label, name] of names.entries()) {
    if (table !== undefined && table.images[label] === 0) continue
    const origins = table === undefined ? [] : originsOf(description!, table, label)
    const places = [{ dataset: dataset.name, name, label }, ...origins]
    if (places.some((place) => people.has(place))) found++
  }
  return found
}

/** Bins tell their people by the folders of their images. */
async function binsIn(folder: string, people: Places): Promise<Holding[]> {
  const holdings: Holding[] = []
  const files = await readdir(folder).catch(() => [])
  for (const file of files.filter((name) => name.endsWith('.bin')).sort()) {
    const path = join(folder, file)
    const sidecar = await readSidecar(path)
    const shown = sidecar?.pairs.flatMap(({ images }) => images.map((image) => image.split('/').at(-2) ?? ''))
    const found = shown && new Set(shown.filter((name) => people.names.has(name))).size
    if (found !== 0) holdings.push({ kind: 'bin', path, people: found })
  }
  return holdings
}
