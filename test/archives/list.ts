import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ArchiveListing, EntryReader, listArchive } from '../../src/archives/index.js'
import { InputError } from '../../src/errors/index.js'

export const LIMITS = { entryBytes: 2 ** 28 }

export function temporaryFile(bytes: Uint8Array, name = 'archive'): string {
  const folder = mkdtempSync(join(tmpdir(), 'facedata-archive-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** A file of an archive as it was read, or why it was not. */
export type Found = { path: string; content: string } | { path: string; problem: string }

/** Everything in an archive, read by location. */
export function readAll(listing: ArchiveListing): Found[] {
  const { path, format, state, entries } = listing
  const reader = EntryReader.open(path, format, state)
  try {
    return Array.from({ length: entries.size }, (_, row): Found => {
      const found = { path: entries.path(row) }
      const problem = entries.problem(row)
      if (problem !== undefined) return { ...found, problem }
      try {
        return { ...found, content: reader.read(entries.location(row)).toString('latin1') }
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return { ...found, problem: error.fault.problem }
      }
    })
  } finally {
    reader.close()
  }
}

export async function listBytes(bytes: Uint8Array): Promise<ArchiveListing> {
  return await listArchive(temporaryFile(bytes), LIMITS)
}

export async function readBytes(bytes: Uint8Array): Promise<Found[]> {
  return readAll(await listBytes(bytes))
}
