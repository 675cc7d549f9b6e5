import { appendFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../src/errors/index.js'
import { Random } from '../../../src/random/random.js'
import { readSourceFile, reusedMemory } from '../../../src/stages/pack/source-file.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = temporaryFolder()

function fileOf(bytes: number): { path: string; content: Buffer } {
  const random = new Random(4, bytes)
  const content = Buffer.from(Uint32Array.from({ length: bytes / 4 }, () => random.integer(2 ** 32)).buffer)
  const path = join(folder, `${bytes}.jpg`)
  writeFileSync(path, content)
  return { path, content }
}

describe('a source file', () => {
  it('is read whole, however large the one before it was, with one memory for all', () => {
    const memory = reusedMemory()
    for (const size of [8, 256 * 1024, 256 * 1024 + 4, 0, 1_000_000, 12]) {
      const { path, content } = fileOf(size)
      expect(readSourceFile(path, memory).bytes.equals(content), `${size} bytes`).toBe(true)
      expect(readSourceFile(path).bytes.equals(content), `${size} bytes`).toBe(true)
    }
  })

  it.each([
    ['longer', (path: string) => appendFileSync(path, 'x'), 'the file was written to while it was read'],
    ['shorter', (path: string) => truncateSync(path, 5), 'the file became shorter while it was read'],
  ])('that becomes %s while it is read is refused', (_, change, problem) => {
    const read = () => {
      const { path } = fileOf(16)
      readSourceFile(path, (bytes) => {
        change(path)
        return Buffer.alloc(bytes)
      })
    }
    expect(read).toThrow(InputError)
    expect(read).toThrow(problem)
  })
})
