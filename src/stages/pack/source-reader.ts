import { join } from 'node:path'
import { EntryReader } from '../../archives/index.js'
import { InputError } from '../../errors/index.js'
import { fileAt, type PlannedArchive } from './archived-files.js'
import { readImageFile } from './convert.js'
import type { ShardFolder } from './shard.js'

/** A file of a shard. */
export interface ShardFile {
  /** Position of its input. */
  source: number
  /** Its bytes. @throws InputError where it cannot be read: it is skipped for that reason */
  read(): Uint8Array
}

/** Finds the files of a shard, in folders and in archives. */
export class SourceReader {
  readonly #archives: Record<number, PlannedArchive>
  /** One at a time: many threads with many archives would run out of open files. */
  #open: { source: number; reader: EntryReader } | undefined

  constructor(archives: Record<number, PlannedArchive>) {
    this.#archives = archives
  }

  /** @throws InputError where the file's archive is not in the state in which it was planned */
  file(folder: ShardFolder, position: number, name: string): ShardFile {
    if (folder.archived === undefined) {
      return { source: folder.source, read: () => readImageFile(join(folder.path, name)) }
    }
    const { source, location, problem } = fileAt(folder.archived, position)
    const reader = this.#readerOf(source)
    return {
      source,
      read() {
        if (problem !== undefined) throw new InputError({ problem })
        return reader.read(location)
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
      this.#open = { source, reader: EntryReader.open(path, format, state) }
    }
    return this.#open.reader
  }
}
