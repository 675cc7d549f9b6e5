import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { InputError } from '../../errors/index.js'
import { inputErrorFrom } from '../../io/index.js'

/** What tells whether a file has changed since it was read. */
export interface FileState {
  /** Bytes. */
  size: number
  /** When it was changed last, in milliseconds since 1970. */
  mtime: number
}

/** A file that was read. */
export interface SourceFile {
  bytes: Buffer
  /** Missing for a file in an archive. */
  state?: FileState
  /** A later change might not show in the state: see `GRANULARITY_MS`. */
  racy?: boolean
}

/** Half of what a record can hold: no photo is that large. */
export const MAXIMUM_FILE_BYTES = 2 ** 28

/**
 * The coarsest step of a file system's clock (FAT: 2 s). A file that was changed less than that before it was read may
 * change again and keep its time; git calls such an entry racy.
 */
const GRANULARITY_MS = 2000

/** Gives memory of so many bytes. */
export type Memory = (bytes: number) => Buffer

/**
 * Reads a file. Small ones are read several times as fast synchronously as through promises.
 * @param memory where its bytes go
 * @throws InputError
 */
export function readSourceFile(path: string, memory: Memory = Buffer.allocUnsafe): SourceFile {
  try {
    const now = Date.now()
    const descriptor = openSync(path, 'r')
    try {
      const state = stateOf(fstatSync(descriptor))
      const bytes = memory(checkedSize(state.size))
      fill(bytes, descriptor)
      if (!isSame(state, stateOf(fstatSync(descriptor)))) {
        throw new InputError({ problem: 'the file was written to while it was read' })
      }
      return { bytes, state, racy: state.mtime >= now - GRANULARITY_MS }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

/** The same memory for one file after another, for whoever is done with each before the next. */
export function reusedMemory(): Memory {
  let memory = Buffer.allocUnsafeSlow(256 * 1024)
  return (bytes) => {
    if (bytes > memory.length) memory = Buffer.allocUnsafeSlow(bytes)
    return memory.subarray(0, bytes)
  }
}

function checkedSize(size: number): number {
  if (size <= MAXIMUM_FILE_BYTES) return size
  throw new InputError({
    problem: 'the file is too large for an image',
    expected: `at most ${MAXIMUM_FILE_BYTES} bytes`,
    actual: size,
  })
}

function fill(bytes: Buffer, descriptor: number): void {
  let filled = 0
  while (filled < bytes.length) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled)
    if (count === 0) throw new InputError({ problem: 'the file became shorter while it was read' })
    filled += count
  }
}

/** The state of a file that is not read; undefined where there is none. */
export function fileState(path: string): FileState | undefined {
  try {
    return stateOf(statSync(path))
  } catch {
    return undefined
  }
}

export function isSame(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.mtime === b.mtime
}

function stateOf({ size, mtimeMs }: Stats): FileState {
  return { size, mtime: mtimeMs }
}
