import { shortPath } from '../../io/index.js'
import { someOf } from '../empty-labels.js'
import type { ExcludedPerson } from './excluded-people.js'
import type { Holding } from './holdings.js'

/** Who left the inputs of a stage. */
export interface Leaving {
  people: number
  images: number
  /** By --exclude; missing where it was not given. */
  excluded?: Exclusion[]
  /** By --remove; missing where it was not given. */
  removal?: Removal
}

/** Somebody who is in a test set too. */
export interface Exclusion {
  /** Of the training set. */
  dataset: string
  name: string
  label: number
  /** Test set, and its image or identity that tells. */
  source: string
  probe: string
  /** Missing where an image is byte-identical. */
  cosine?: number
}

export interface Removal {
  people: number
  /** Names of the list that nobody has. */
  notFound: string[]
  /** What still holds the people who were removed. */
  rebuild: Holding[]
  /** Folder of embeddings, which are kept by image and do not tell whose they are; missing where there is none. */
  embeddings?: string
}

/** Lines for a person. */
export function describeLeaving({ people, images, excluded, removal }: Leaving): string[] {
  const lines = [`people who leave: ${text(people)}, with ${text(images)} images`]
  if (excluded !== undefined) {
    const byBytes = excluded.filter(({ cosine }) => cosine === undefined).length
    const names = excluded.length === 0 ? '' : `: ${someOf(excluded.map(({ name }) => name))}`
    lines.push(
      `excluded: ${text(byBytes)} by byte-identical images, ${text(excluded.length - byBytes)} by embeddings${names}`,
    )
  }
  if (removal === undefined) return lines
  lines.push(`removed by name: ${text(removal.people)}`)
  if (removal.notFound.length > 0) lines.push(describeMissing(removal.notFound))
  lines.push(...removal.rebuild.map(describeHolding))
  if (removal.embeddings !== undefined && removal.people > 0) {
    lines.push(
      `delete ${shortPath(removal.embeddings)}: it may hold embeddings of their images. Those of others are computed again when they are needed`,
    )
  }
  return lines
}

export function describeMissing(names: string[]): string {
  return `nobody here is named ${names.map((name) => `"${name}"`).join(', ')}`
}

/** `cosine 0.81 to ann of lfw`. */
export function describeMatch({
  source,
  probe,
  cosine,
}: Pick<ExcludedPerson, 'source' | 'probe' | 'cosine'>): string {
  return cosine === undefined
    ? `an image is ${probe} of ${source}`
    : `cosine ${cosine.toFixed(2)} to ${probe} of ${source}`
}

function describeHolding({ kind, path, stage, people }: Holding): string {
  if (people === undefined) {
    return `check ${shortPath(path)}: without ${shortPath(path)}.json it does not tell whom it shows`
  }
  const made = stage === undefined ? kind : `${kind}, made by ${stage}`
  return `rebuild ${shortPath(path)} (${made}): it holds ${text(people)} of them`
}

function text(count: number): string {
  return count.toLocaleString('en-US')
}
