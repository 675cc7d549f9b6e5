import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OutputError } from '../../src/errors/index.js'
import { observeWrites, type WriteEvent, writeFileBatch } from '../../src/io/index.js'

const folder = mkdtempSync(join(tmpdir(), 'facedata-batch-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a batch of files', () => {
  it('is written whole, and every file of it is fsynced after it is written', async () => {
    const events: WriteEvent[] = []
    const forget = observeWrites((event) => events.push(event))
    const files = Array.from({ length: 40 }, (_, i) => ({
      path: join(folder, `${i}`),
      bytes: Buffer.alloc(i * 1000, i),
    }))
    await writeFileBatch(files)
    forget()
    for (const { path, bytes } of files) {
      expect(readFileSync(path).equals(bytes)).toBe(true)
      expect(events.filter((event) => event.path === path).map(({ kind }) => kind)).toEqual([
        'create',
        'write',
        'sync',
      ])
    }
  })

  it('may reuse its memory at once', async () => {
    const bytes = Buffer.from('as it was')
    const done = writeFileBatch([{ path: join(folder, 'early'), bytes }])
    bytes.fill(0)
    await done
    expect(readFileSync(join(folder, 'early'), 'utf8')).toBe('as it was')
  })

  it('that cannot be written is an error that names the file', async () => {
    const path = join(folder, 'missing', 'file')
    const error = await writeFileBatch([{ path, bytes: Buffer.alloc(1) }]).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(OutputError)
    expect((error as OutputError).message).toContain(path)
  })
})
