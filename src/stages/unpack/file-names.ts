import { extname } from 'node:path'
import { NameRegister } from './name-register.js'
import { safeName } from './safe-name.js'

/** Extensions that say a format; the first one is appended where a name has none of them. */
const EXTENSIONS: Record<string, readonly string[]> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  webp: ['.webp'],
  bmp: ['.bmp'],
  gif: ['.gif'],
  tiff: ['.tif', '.tiff'],
  avif: ['.avif'],
  heic: ['.heic', '.heif'],
}

/** Files beside the folders of identities. */
export const LIST_FILE = 'images.lst'
export const SKIPPED_FILE = 'skipped.jsonl'

const LONGEST_EXTENSION = 8

/** So that names sort as keys do. */
const KEY_DIGITS = 8

/** The folders of the identities in the register, and that which holds them. */
const ROOT = -1

/** Names for the folders and files of a dataset, given out in the order of labels and of images. */
export class FileNames {
  /** By label. */
  readonly folders: string[]
  /** Names that could not stay as they were, or are not known. */
  changed = 0
  readonly #register: NameRegister

  /** @param identities names by label */
  constructor(identities: (string | undefined)[], images: number) {
    this.#register = new NameRegister(identities.length + images + 2)
    for (const name of [LIST_FILE, SKIPPED_FILE]) this.#register.take(ROOT, name)
    const labelDigits = String(identities.length - 1).length
    this.folders = Array.from(identities, (name, label) => {
      const folder = safeName(name ?? String(label).padStart(labelDigits, '0'))
      return this.#count(name, this.#register.take(ROOT, folder))
    })
  }

  /** The file of an image in the folder of its identity: the name that it had, else its key; and the extension of its format. */
  fileOf({ key, label, path, format }: { key: number; label: number; path: string; format: string }): string {
    const former = path.split(/[/\\]/).at(-1)!
    const plain = former === '' ? String(key).padStart(KEY_DIGITS, '0') : former
    const extension = extensionOf(plain)
    const extensions = EXTENSIONS[format]
    const isSaid = extensions === undefined || extensions.includes(extension.toLowerCase())
    const wanted = isSaid ? plain : `${plain}${extensions[0]}`
    const name = safeName(wanted)
    return this.#count(
      former === '' ? undefined : wanted,
      this.#register.take(label, name, extensionOf(name)),
    )
  }

  #count(wanted: string | undefined, name: string): string {
    if (wanted !== name) this.changed++
    return name
  }
}

/** What is longer is a name with a dot in it. */
function extensionOf(name: string): string {
  const extension = extname(name)
  return extension.length > LONGEST_EXTENSION ? '' : extension
}
