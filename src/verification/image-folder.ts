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
  readonly #listings = new Map<string, Promise<Listing | undefined>>()

  constructor(directory: string) {
    this.directory = resolve(directory)
  }

  /** `path` is relative to the folder, with `/` between its parts. */
  async find(reference: ImageReference): Promise<FoundImage> {
    return 'path' in reference ? this.#findPath(reference.path) : this.#findNumber(reference)
  }

  async #findNumber({ name, number }: { name: string; number: number }): Promise<FoundImage> {
    const folder = join(this.directory, name)
    const listing = await this.#list(folder)
    if (listing === undefined) return { missing: `there is no folder ${name}` }
    const [, file] = [...listing.byStem].find(([stem]) => imageNumber(stem, name) === number) ?? []
    if (file !== undefined) return this.#found(join(folder, file), false)
    const expected = `${name}_${String(number).padStart(4, '0')}.jpg`
    return { missing: `${name} has no ${expected} among its ${listing.files.size} files` }
  }

  async #findPath(path: string): Promise<FoundImage> {
    const file = resolve(this.directory, path)
    const { dir, base, name } = parse(file)
    const listing = await this.#list(dir)
    if (listing === undefined) return { missing: `there is no folder ${dirname(path)}` }
    if (listing.files.has(base)) return this.#found(file, false)
    const other = listing.byStem.get(name)
    if (other !== undefined) return this.#found(join(dir, other), true)
    return { missing: `there is no ${path}, nor with another extension` }
  }

  #found(file: string, otherExtension: boolean): FoundImage {
    return { path: relative(this.directory, file).split(sep).join('/'), otherExtension }
  }

  #list(folder: string): Promise<Listing | undefined> {
    let listing = this.#listings.get(folder)
    if (listing === undefined) {
      listing = readdir(folder).then(listFiles, () => undefined)
      this.#listings.set(folder, listing)
    }
    return listing
  }
}

/** The files of a folder. */
interface Listing {
  files: Set<string>
  /** Name without extension to the image file of that name, the preferred one where there are several. */
  byStem: Map<string, string>
}

function listFiles(files: string[]): Listing {
  const sorted = [...files].sort()
  const byStem = new Map<string, string>()
  for (const extension of EXTENSIONS) {
    for (const file of sorted) {
      const { name, ext } = parse(file)
      if (ext.toLowerCase() === extension && !byStem.has(name)) byStem.set(name, file)
    }
  }
  return { files: new Set(files), byStem }
}

function imageNumber(stem: string, name: string): number | undefined {
  if (!stem.startsWith(`${name}_`)) return undefined
  const digits = stem.slice(name.length + 1)
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
