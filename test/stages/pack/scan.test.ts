import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byBytes } from '../../../src/stages/pack/byte-order.js'
import { scanFolder } from '../../../src/stages/pack/scan.js'
import { cutIntoShards } from '../../../src/stages/pack/shard.js'
import { picture } from '../../image/pictures.js'
import { temporaryFolder, writeTree } from './packing.js'

describe('scanFolder', () => {
  it('finds the folders that directly hold images, and counts the files that are none', async () => {
    const root = writeTree({
      'a/1.jpg': '',
      'a/2.PNG': '',
      'a/deeper/3.webp': '',
      'a/notes.txt': '',
      'b/Thumbs.db': '',
      'b/.DS_Store': '',
      'c/list': 'text without an extension',
      '.hidden/4.jpg': '',
      'top.jpeg': '',
    })
    const { folders, ignored } = await scanFolder(root)
    expect(folders.map(({ relativePath, names }) => [relativePath, names])).toEqual([
      ['', ['top.jpeg']],
      ['a', ['1.jpg', '2.PNG']],
      ['a/deeper', ['3.webp']],
    ])
    expect(ignored).toEqual({ '.txt': 1, '.db': 1, hidden: 2, 'no extension': 1 })
  })

  it('knows images without an extension by their first bytes', async () => {
    const image = await picture(8, 8).png().toBuffer()
    const { folders } = await scanFolder(writeTree({ 'a/0001': image, 'a/face.1': image, 'a/0002': 'text' }))
    expect(folders[0]?.names).toEqual(['0001', 'face.1'])
  })

  it('follows links, but not in a circle', async () => {
    const elsewhere = writeTree({ 'carol/1.jpg': '' })
    const root = writeTree({ 'alice/1.jpg': '' })
    symlinkSync(join(elsewhere, 'carol'), join(root, 'carol'))
    symlinkSync('..', join(root, 'alice/up'))
    symlinkSync(root, join(elsewhere, 'carol/back'))
    symlinkSync('1.jpg', join(root, 'alice/2.jpg'))
    symlinkSync('3.jpg', join(root, 'alice/3.jpg'))
    const { folders } = await scanFolder(root)
    expect(folders.map(({ relativePath, names }) => [relativePath, names])).toEqual([
      ['alice', ['1.jpg', '2.jpg', '3.jpg']],
      ['carol', ['1.jpg']],
    ])
  })

  it('names a folder that is not there', async () => {
    const absent = join(temporaryFolder(), 'absent')
    await expect(scanFolder(absent)).rejects.toThrow(`${absent}: cannot be read: no such file or folder`)
  })
})

describe('byBytes', () => {
  it('is the order of UTF-8 bytes', () => {
    const edges = [0x41, 0xe9, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x1f600, 0x10ffff]
    const text = fc
      .array(fc.constantFrom(...edges), { maxLength: 5 })
      .map((characters) => String.fromCodePoint(...characters))
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(byBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
    expect(byBytes('\u{1f600}', '\uffff')).toBeGreaterThan(0)
  })
})

describe('cutIntoShards', () => {
  it('gives every file to one shard, in order, in ranges of nearly the same size', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 9 }), (counts, wished) => {
        const folders = counts.map((count, i) => ({
          name: `person ${i}`,
          source: 0,
          keptLabel: -1,
          path: `/people/person ${i}`,
          relativePath: `person ${i}`,
          names: Array.from({ length: count }, (_, j) => `${i} ${j}.jpg`),
        }))
        const shards = cutIntoShards(folders, wished)
        expect(shards.length).toBeLessThanOrEqual(wished)
        const lengths = shards.map((shard) => shard.reduce((sum, { files }) => sum + files, 0))
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
        const cut = shards.flat()
        expect(cut.flatMap(({ names }) => names.split('/'))).toEqual(folders.flatMap(({ names }) => names))
        for (const { identity, name, files, names } of cut) {
          expect(name).toBe(`person ${identity}`)
          expect(names.split('/').length).toBe(files)
        }
      }),
    )
  })
})
