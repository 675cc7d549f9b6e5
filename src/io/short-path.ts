import { relative } from 'node:path'

/** A path as one would type it here: relative to the current folder where it lies below it. */
export function shortPath(path: string): string {
  const fromHere = relative('', path)
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere
}
