import { InputError } from '../errors/index.js'
import { ArchiveFile, type ArchiveState } from './archive-file.js'
import type { ArchiveFormat } from './archive-format.js'
import type { EntryLocation } from './entry-table.js'
import { readZipEntry, readZipHead } from './zip-entry.js'

/** Reads files of a listed archive by their locations, synchronously and in any order. */
export class EntryReader {
  readonly #archive: ArchiveFile
  readonly #format: ArchiveFormat
  readonly #state: ArchiveState

  private constructor(archive: ArchiveFile, format: ArchiveFormat, state: ArchiveState) {
    this.#archive = archive
    this.#format = format
    this.#state = state
  }

  /** @throws InputError also where the archive is not in the state in which it was listed */
  static open(path: string, format: ArchiveFormat, state: ArchiveState): EntryReader {
    const reader = new EntryReader(ArchiveFile.open(path), format, state)
    try {
      reader.refuseChange()
    } catch (error) {
      reader.close()
      throw error
    }
    return reader
  }

  /** The bytes of a file. @throws InputError where it is damaged */
  read(location: EntryLocation): Buffer {
    return this.#format === 'zip'
      ? readZipEntry(this.#archive, location)
      : this.#archive.readExactly(location.offset, location.bytes)
  }

  /** Its first bytes: `length` of them, or fewer of a shorter file. @throws InputError where it is damaged */
  readHead(location: EntryLocation, length: number): Buffer {
    return this.#format === 'zip'
      ? readZipHead(this.#archive, location, length)
      : this.#archive.readExactly(location.offset, Math.min(length, location.bytes))
  }

  /**
   * Offsets mean nothing in an archive that was written anew, and a tar has no checksum that would tell: to be called
   * once more after reading. @throws InputError
   */
  refuseChange(): void {
    const { bytes, modified } = this.#archive.state()
    if (bytes === this.#state.bytes && modified === this.#state.modified) return
    throw new InputError({
      file: this.#archive.path,
      problem: 'the archive changed while it was read',
      expected: describe(this.#state),
      actual: describe({ bytes, modified }),
      fix: 'Run the command again once nothing writes to it.',
    })
  }

  close(): void {
    this.#archive.close()
  }
}

function describe({ bytes, modified }: ArchiveState): string {
  return `${bytes} bytes of ${new Date(modified).toISOString()}`
}
