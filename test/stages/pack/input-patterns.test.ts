import { join } from 'node:path'
import { expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import { expandPatterns } from '../../../src/stages/pack/input-patterns.js'
import { aligned, packFolders, writeTree } from './packing.js'

const root = writeTree({
  'part-10/cleo/1.jpg': await aligned(),
  'part-2/ann/1.jpg': await aligned(91),
  'other/bob/1.jpg': await aligned(92),
  '[odd]/dora/1.jpg': await aligned(93),
})

it('a pattern stands for what it matches, in the order of bytes', () => {
  expect(expandPatterns([join(root, 'part-*'), join(root, 'other')])).toEqual([
    join(root, 'part-10'),
    join(root, 'part-2'),
    join(root, 'other'),
  ])
})

it('a path that exists is no pattern', () => {
  expect(expandPatterns([join(root, '[odd]')])).toEqual([join(root, '[odd]')])
})

it('a pattern that matches nothing is an error; a missing path is left to the scan', () => {
  expect(() => expandPatterns([join(root, 'none-*')])).toThrow(UsageError)
  expect(expandPatterns([join(root, 'none')])).toEqual([join(root, 'none')])
})

it('pack takes the people of all matches', async () => {
  const packed = await packFolders([join(root, 'part-*')])
  expect(packed).toMatchObject({ images: 2, identities: 2 })
})
