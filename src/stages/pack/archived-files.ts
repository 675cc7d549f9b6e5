import type { ArchiveFormat, ArchiveState, EntryLocation } from '../../archives/index.js'

/** An archive among the inputs, in the state in which the plan listed it. */
export interface PlannedArchive {
  path: string
  format: ArchiveFormat
  state: ArchiveState
}

/** Files in archives: a plan of millions of files stays small in memory and as JSON. */
export interface ArchivedFiles {
  /** Six of each file: position of the archive in the inputs, offset, stored bytes, bytes, method, CRC-32. */
  numbers: number[]
  /** Why files cannot be read, by position. */
  problems: Record<number, string>
}

export interface ArchivedFile {
  /** Position of the archive in the inputs. */
  source: number
  location: EntryLocation
  /** Why it cannot be read. */
  problem?: string
}

const NUMBERS = 6

export function addFile(files: ArchivedFiles, { source, location, problem }: ArchivedFile): void {
  const { offset, storedBytes, bytes, method, crc32 } = location
  if (problem !== undefined) files.problems[files.numbers.length / NUMBERS] = problem
  files.numbers.push(source, offset, storedBytes, bytes, method, crc32)
}

export function fileAt({ numbers, problems }: ArchivedFiles, position: number): ArchivedFile {
  const at = position * NUMBERS
  const location = {
    offset: numbers[at + 1]!,
    storedBytes: numbers[at + 2]!,
    bytes: numbers[at + 3]!,
    method: numbers[at + 4]!,
    crc32: numbers[at + 5]!,
  }
  const problem = problems[position]
  return { source: numbers[at]!, location, ...(problem === undefined ? {} : { problem }) }
}

export function sliceFiles(files: ArchivedFiles, from: number, to: number): ArchivedFiles {
  const problems: Record<number, string> = {}
  for (const [position, problem] of Object.entries(files.problems)) {
    if (Number(position) >= from && Number(position) < to) problems[Number(position) - from] = problem
  }
  return { numbers: files.numbers.slice(from * NUMBERS, to * NUMBERS), problems }
}
