import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { copyFile, observeWrites } from '../../src/io/index.js'
import { temporaryFolder } from '../temporary-folder.js'

it('copies a file, and refuses one that is written to meanwhile: nothing is left of the copy', async () => {
  const folder = temporaryFolder()
  const [from, to] = [join(folder, 'a'), join(folder, 'b')]
  writeFileSync(from, 'whole')
  await copyFile(from, to)
  expect(readFileSync(to, 'utf8')).toBe('whole')
  const stop = observeWrites(({ kind }) => {
    if (kind === 'write') appendFileSync(from, ' and more')
  })
  try {
    const copied = copyFile(from, join(folder, 'c'))
    await expect(copied).rejects.toThrow(InputError)
    await expect(copied).rejects.toThrow('was written to while it was read')
  } finally {
    stop()
  }
  expect(readdirSync(folder).sort()).toEqual(['a', 'b'])
})
