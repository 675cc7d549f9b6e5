import { shortPath } from '../../io/index.js'
import type { Holding } from './holdings.js'

/** Who left a dataset, and what else holds them. */
export interface Leaving {
  /** By --remove. */
  removedPeople: number
  removedImages: number
  /** Names of --remove that nobody has. */
  notFound: string[]
  /** What still holds the people who were removed. */
  rebuild: Holding[]
}

/** Lines for a person. */
export function describeLeaving({ removedPeople, removedImages, notFound, rebuild }: Leaving): string[] {
  const text = (count: number) => count.toLocaleString('en-US')
  return [
    `removed ${text(removedPeople)} people by name, with ${text(removedImages)} images`,
    ...(notFound.length > 0 ? [describeMissing(notFound)] : []),
    ...rebuild.map(describeHolding),
  ]
}

export function describeMissing(names: string[]): string {
  return `nobody here is named ${names.map((name) => `"${name}"`).join(', ')}`
}

function describeHolding({ kind, path, stage, people }: Holding): string {
  if (people === undefined) {
    return `check ${shortPath(path)}: without ${shortPath(path)}.json it does not tell whom it shows`
  }
  const made = stage === undefined ? kind : `${kind}, made by ${stage}`
  return `rebuild ${shortPath(path)} (${made}): it holds ${people.toLocaleString('en-US')} of them`
}
