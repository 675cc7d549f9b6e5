import type { EntryReader } from '../../archives/index.js'
import { InputError } from '../../errors/index.js'
import { fileAt, type PlannedArchive } from './archived-files.js'
import type { ShardFolder } from './shard.js'
import { readSourceFile, reusedMemory, type SourceFile } from './source-file.js'

/** A file of a shard. */
export interface ShardFile {
  /** Position of its input. */
  source: number
  /** Absolute path of a file on disk. */
  path?: string
  /** Its bytes are valid until the next read. @throws InputError where it cannot be read: it is skipped for that reason */
  read(): SourceFile
}

/** Finds the files of a shard, in folders and in archives. */
export class SourceReader {
  readonly #archives: Record<number, PlannedArchive>
  readonly #EntryReader: typeof EntryReader | undefined
  readonly #memory = reusedMemory()
  /** One at a time: many threads with many archives would run out of open files. */
  #open: { source: number; reader: EntryReader } | undefined

  private constructor(archives: Record<number, PlannedArchive>, reader: typeof EntryReader | undefined) {
    this.#archives = archives
    this.#EntryReader = reader
  }

  /** What reads archives is loaded where there are any. */
  static async of(archives: Record<number, PlannedArchive>): Promise<SourceReader> {
    const none = Object.keys(archives).length === 0
    return new SourceReader(
      archives,
      none ? undefined : (await import('../../archives/index.js')).EntryReader,
    )
  }

  /** @throws InputError where the file's archive is not in the state in which it was planned */
  file(folder: ShardFolder, position: number, name: string): ShardFile {
    if (folder.archived === undefined) {
      const path = `${folder.path}/${name}`
      return { source: folder.source, path, read: () => readSourceFile(path, this.#memory) }
    }
    const { source, location, problem } = fileAt(folder.archived, position)
    const reader = this.#readerOf(source)
    return {
      source,
      read() {
        if (problem !== undefined) throw new InputError({ problem })
        return { bytes: reader.read(location) }
      },
    }
  }

  /** To be called after the last file. @throws InputError where an archive changed while it was read */
  finish(): void {
    this.#open?.reader.refuseChange()
    this.close()
  }

  close(): void {
    this.#open?.reader.close()
    this.#open = undefined
  }

  #readerOf(source: number): EntryReader {
    if (this.#open?.source !== source) {
      this.finish()
      const { path, format, state } = this.#archives[source]!
      this.#open = { source, reader: this.#EntryReader!.open(path, format, state) }
    }
    return this.#open.reader
  }
}
