import { closeSync, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import pLimit from 'p-limit'
import { outputErrorFrom } from './system-error.js'
import { announceWrite } from './write-events.js'

/** Files that are made durable at once: the disk takes several with one flush. */
const SYNCS_AT_ONCE = 16

export interface NewFile {
  path: string
  bytes: Uint8Array
}

/**
 * Writes small files of a folder that will appear under its name as a whole. They are written when this is called, one
 * after the other and synchronously, which for small files is several times as fast as promises; the promise is
 * settled once they are on the disk. The bytes may be reused at once.
 * @throws OutputError
 */
export async function writeFileBatch(files: NewFile[]): Promise<void> {
  for (const file of files) writeNewFile(file)
  const limit = pLimit(SYNCS_AT_ONCE)
  await Promise.all(files.map(({ path }) => limit(syncFile, path)))
}

function writeNewFile({ path, bytes }: NewFile): void {
  announceWrite({ kind: 'create', path })
  announceWrite({ kind: 'write', path, offset: 0, bytes })
  try {
    const descriptor = openSync(path, 'w')
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw outputErrorFrom(error, path)
  }
}

async function syncFile(path: string): Promise<void> {
  announceWrite({ kind: 'sync', path })
  try {
    const handle = await open(path, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw outputErrorFrom(error, path)
  }
}
