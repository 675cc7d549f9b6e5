import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OutputError } from '../../src/errors/index.js'
import { makeDirectory } from '../../src/io/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()

describe('making a folder', () => {
  it('makes those above it too, and takes what is there', async () => {
    const path = join(folder, 'a', 'b', 'c')
    await makeDirectory(path)
    await makeDirectory(path)
    expect(statSync(path).isDirectory()).toBe(true)
  })

  it('may be done by several at once', async () => {
    const paths = Array.from({ length: 400 }, (_, i) =>
      join(folder, `x${i >> 3}`, 'y', 'z').slice(0, -2 * (i % 3) || undefined),
    )
    await Promise.all(paths.map((path) => makeDirectory(path)))
    expect(paths.every((path) => existsSync(path))).toBe(true)
  })

  it('is refused where a file stands in the way', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(makeDirectory(join(folder, 'file'))).rejects.toThrow(OutputError)
    await expect(makeDirectory(join(folder, 'file', 'below'))).rejects.toThrow('file')
  })

  it.skipIf(!existsSync('/proc/self'))(
    'ends where a file system takes no new names (needs /proc)',
    async () => {
      await expect(makeDirectory('/proc/none')).rejects.toThrow('cannot write /proc/none')
      await expect(makeDirectory('/proc/none/below')).rejects.toThrow(OutputError)
    },
  )
})
