import { posix } from 'node:path'
import { type EntryReader, type EntryTable, entryPath } from '../../archives/index.js'
import { InputError } from '../../errors/index.js'
import { countIgnored } from './ignored-files.js'
import type { ArchiveScan } from './scan-archive.js'
import { identityName } from './scanned-inputs.js'

/** A number or a name, or a JSON object with a few fields: a longer file is no label. */
const MAXIMUM_LABEL_BYTES = 2 ** 16
/** The longest name of a folder, so that every identity can become one. */
const MAXIMUM_NAME_BYTES = 255

/** The identity of an image, or why it has none. */
export type ImageLabel = { identity: string } | { problem: string }

/**
 * Labels of a WebDataset shard: files `KEY.jpg` and `KEY.cls` side by side, where the second holds the class, a number
 * or a name. Source: WebDataset, "The WebDataset Format". A shard without `.cls` files may name classes in the field
 * `identity` or `label` of `KEY.json`; that is believed only where all images are in one folder, since folders too name
 * identities, and annotation tools write such fields for other purposes.
 */
export class WebDatasetLabels {
  readonly #entries: EntryTable
  readonly #reader: EntryReader
  readonly #extension: '.cls' | '.json'
  readonly #rows: Map<string, number>

  private constructor(
    entries: EntryTable,
    reader: EntryReader,
    extension: '.cls' | '.json',
    rows: Map<string, number>,
  ) {
    this.#entries = entries
    this.#reader = reader
    this.#extension = extension
    this.#rows = rows
  }

  /** Undefined where the archive is no WebDataset shard. Label files of one then do not count as ignored. */
  static find(entries: EntryTable, scan: ArchiveScan, reader: EntryReader): WebDatasetLabels | undefined {
    const { cls, json } = scan.labels
    const folders = [...scan.images.values()]
    const byClass = new WebDatasetLabels(entries, reader, '.cls', rowsByStem(entries, cls))
    if (folders.some((rows) => rows.some((row) => byClass.#has(row)))) return byClass.#uncounted(scan, cls)
    if (folders.length !== 1) return undefined
    const byField = new WebDatasetLabels(entries, reader, '.json', rowsByStem(entries, json))
    const first = folders[0]!.find((row) => byField.#has(row))
    if (first === undefined || 'problem' in byField.labelOf(first)) return undefined
    return byField.#uncounted(scan, json)
  }

  /** The label of the image in that row. */
  labelOf(image: number): ImageLabel {
    const row = this.#rows.get(stemOf(this.#entries.path(image)))
    if (row === undefined) return { problem: `there is no ${this.#extension} file of its name beside it` }
    const problem = this.#entries.problem(row)
    if (problem !== undefined) return { problem: `its ${this.#extension} file cannot be read: ${problem}` }
    const location = this.#entries.location(row)
    if (location.bytes > MAXIMUM_LABEL_BYTES) {
      return { problem: `its ${this.#extension} file is ${location.bytes} bytes long, too long for a label` }
    }
    try {
      const identity = this.#parse(this.#reader.read(location).toString('utf8'))
      return identity === undefined
        ? { problem: `its ${this.#extension} file names no identity` }
        : { identity }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return { problem: `its ${this.#extension} file cannot be read: ${error.fault.problem}` }
    }
  }

  #parse(text: string): string | undefined {
    return nameOf(this.#extension === '.cls' ? text : fieldOf(text))
  }

  #has(image: number): boolean {
    return this.#rows.has(stemOf(this.#entries.path(image)))
  }

  #uncounted(scan: ArchiveScan, rows: number[]): this {
    countIgnored(scan, this.#extension, -rows.length)
    if (scan.ignored[this.#extension] === 0) delete scan.ignored[this.#extension]
    return this
  }
}

function rowsByStem(entries: EntryTable, rows: number[]): Map<string, number> {
  return new Map(rows.map((row) => [stemOf(entries.path(row)), row]))
}

function stemOf(path: string): string {
  return path.slice(0, path.length - posix.extname(path).length)
}

function fieldOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { identity, label } = value as Record<string, unknown>
    return identity ?? label
  } catch {
    return undefined
  }
}

/** As one could name a folder. */
function nameOf(label: unknown): string | undefined {
  if (typeof label === 'number') return Number.isSafeInteger(label) ? String(label) : undefined
  if (typeof label !== 'string') return undefined
  const name = label.trim()
  const { path, problem } = entryPath(name)
  const isName = problem === undefined && path === name && !name.includes('/')
  return isName && Buffer.byteLength(name, 'utf8') <= MAXIMUM_NAME_BYTES ? identityName(name) : undefined
}
