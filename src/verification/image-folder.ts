import { readdir } from 'node:fs/promises'
import { dirname, join, parse, relative, resolve, sep } from 'node:path'
import type { ImageReference } from './pair-list.js'

/** In the order in which they are preferred where several files have one stem. */
const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.bmp', '.tif', '.tiff', '.gif']

/** Where a listed image is, or why it is nowhere. */
export type FoundImage = { path: string; otherExtension: boolean } | { missing: string }

/**
 * Finds the images of pair lists in a folder of people's folders. Image 4 of `Name` is `Name/Name_0004.jpg`, with any
 * of the usual extensions and any number of leading zeros. A path that is not there may be there under another
 * extension: lists outlive conversions.
 */
export class ImageFolder {
  readonly directory: string
  readonly #listings = new Map<string, Promise<string[] | undefined>>()

  constructor(directory: string) {
    this.directory = resolve(directory)
  }

  /** `path` is relative to the folder, with `/` between its parts. */
  async find(reference: ImageReference): Promise<FoundImage> {
    return 'path' in reference ? this.#findPath(reference.path) : this.#findNumber(reference)
  }

  async #findNumber({ name, number }: { name: string; number: number }): Promise<FoundImage> {
    const folder = join(this.directory, name)
    const files = await this.#list(folder)
    if (files === undefined) return { missing: `there is no folder ${name}` }
    const found = preferred(files, (stem) => imageNumber(stem, name) === number)
    if (found !== undefined) return this.#found(join(folder, found), false)
    const expected = `${name}_${String(number).padStart(4, '0')}.jpg`
    return { missing: `${name} has no ${expected} among its ${files.length} files` }
  }

  async #findPath(path: string): Promise<FoundImage> {
    const file = resolve(this.directory, path)
    const { dir, base, name } = parse(file)
    const files = await this.#list(dir)
    if (files === undefined) return { missing: `there is no folder ${dirname(path)}` }
    if (files.includes(base)) return this.#found(file, false)
    const found = preferred(files, (stem) => stem === name)
    if (found !== undefined) return this.#found(join(dir, found), true)
    return { missing: `there is no ${path}, nor with another extension` }
  }

  #found(file: string, otherExtension: boolean): FoundImage {
    return { path: relative(this.directory, file).split(sep).join('/'), otherExtension }
  }

  #list(folder: string): Promise<string[] | undefined> {
    let listing = this.#listings.get(folder)
    if (listing === undefined) {
      listing = readdir(folder).catch(() => undefined)
      this.#listings.set(folder, listing)
    }
    return listing
  }
}

function preferred(files: string[], matches: (stem: string) => boolean): string | undefined {
  let best: { file: string; rank: number } | undefined
  for (const file of files) {
    const { name, ext } = parse(file)
    const rank = EXTENSIONS.indexOf(ext.toLowerCase())
    if (rank < 0 || !matches(name)) continue
    if (best === undefined || rank < best.rank || (rank === best.rank && file < best.file))
      best = { file, rank }
  }
  return best?.file
}

function imageNumber(stem: string, name: string): number | undefined {
  if (!stem.startsWith(`${name}_`)) return undefined
  const digits = stem.slice(name.length + 1)
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
