import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Dataset, describedImages } from '../../../src/dataset/index.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { makeTar } from '../../archives/make-tar.js'
import { aligned, contents, packFolders, temporaryFolder } from './packing.js'

type Files = Record<string, Uint8Array | string>

/** Writes one tar for each set of files, and returns their paths. */
function writeShards(shards: Record<string, Files>): string[] {
  const folder = temporaryFolder()
  return Object.entries(shards).map(([name, files]) => {
    const members = Object.entries(files).map(([name, content]) => {
      return { name, content: Buffer.from(content as Uint8Array) }
    })
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, makeTar(members))
    return path
  })
}

describe('pack of WebDataset shards', () => {
  it('takes identities from .cls files, and joins those of several shards', async () => {
    const [a, b, c, d] = [await aligned(50), await aligned(60), await aligned(70), await aligned(80)]
    const shards = writeShards({
      'train-0000.tar': { '1.jpg': a, '1.cls': '7', '2.cls': '10\n', '2.jpg': b, '2.json': '{}' },
      'train-0001.tar': { '3.cls': 'Zoë ', '3.jpg': c, '4.jpg': d, '4.cls': '7' },
    })
    const result = await packFolders(shards)
    expect(result).toMatchObject({ identities: 3, skipped: 0, webDatasets: 2, ignored: { '.json': 1 } })
    expect(await contents(result.output)).toEqual([
      { key: 1, label: 0, name: '10', bytes: b },
      { key: 2, label: 1, name: '7', bytes: a },
      { key: 3, label: 1, name: '7', bytes: d },
      { key: 4, label: 2, name: 'Zoë', bytes: c },
    ])
    const dataset = await Dataset.open(result.output)
    expect(dataset.description!.sources.map(({ name }) => name)).toEqual(['train-0000.tar', 'train-0001.tar'])
    await dataset.close()
    expect(pack.describe(result)).toContain(
      '2 WebDataset shards: labels beside the images name the identities',
    )
  })

  it('keeps the source and path of each image, whatever the number of shards of work', async () => {
    const images: Buffer[] = []
    for (let i = 0; i < 60; i++) images.push(await aligned(20 + i))
    const files: Files[] = [{}, {}, {}]
    for (const [i, image] of images.entries()) {
      files[i % 3]![`set/${i}.jpg`] = image
      files[i % 3]![`set/${i}.cls`] = String(i % 4)
    }
    const shards = writeShards({ '0.tar': files[0]!, '1.tar': files[1]!, '2.tar': files[2]! })
    const one = await packFolders(shards)
    const many = await packFolders(shards, {}, { shards: 5 })
    expect(many.fingerprint).toBe(one.fingerprint)
    const dataset = await Dataset.open(one.output)
    const found = new Set<string>()
    for await (const { label, bytes, source, path } of describedImages(dataset)) {
      const origin = `${dataset.description!.sources[source]!.name}/${path}`
      const i = images.findIndex((image) => image.equals(bytes))
      expect([label, origin]).toEqual([i % 4, `${i % 3}.tar/set/${i}.jpg`])
      found.add(origin)
    }
    expect(found.size).toBe(60)
    await dataset.close()
  })

  it('lists images whose label is missing or is no name', async () => {
    const image = await aligned()
    const [shard] = writeShards({
      'a.tar': {
        '1.jpg': image,
        '1.cls': 'alice',
        '2.jpg': image,
        '3.jpg': image,
        '3.cls': '../bob',
        '4.jpg': image,
        '4.cls': '',
        '5.jpg': image,
        '5.cls': 'x'.repeat(300),
        '6.jpg': image,
        '6.cls': 'x'.repeat(70_000),
        '1.mask.png': image,
      },
    })
    const result = await packFolders([shard!])
    expect(result).toMatchObject({ images: 1, identities: 1, skipped: 6 })
    expect(result.skippedLines.map(({ path, reason }) => [path, reason])).toEqual([
      ['1.mask.png', 'there is no .cls file of its name beside it'],
      ['2.jpg', 'there is no .cls file of its name beside it'],
      ['3.jpg', 'its .cls file names no identity'],
      ['4.jpg', 'its .cls file names no identity'],
      ['5.jpg', 'its .cls file names no identity'],
      ['6.jpg', 'its .cls file is 70000 bytes long, too long for a label'],
    ])
    await expect(packFolders([shard!], {}, { strict: true })).rejects.toThrow(/6 skipped, and --strict/)
  })

  it('takes identities from a JSON field where there is no .cls and all images are in one folder', async () => {
    const image = await aligned()
    const [byField, byFolder, without] = writeShards({
      'a.tar': {
        '1.jpg': image,
        '1.json': '{"identity": "bob", "label": 4}',
        '2.jpg': image,
        '2.json': '{"label": 4}',
        '3.jpg': image,
        '3.json': '{"label": {}}',
        '4.jpg': image,
        '4.json': 'no JSON',
      },
      'b.tar': {
        'alice/1.jpg': image,
        'alice/1.json': '{"label": "face"}',
        'bob/1.jpg': image,
        'bob/1.json': '{"label": "face"}',
      },
      'c.tar': { '1.jpg': image, '1.json': '{"landmarks": []}' },
    })
    const result = await packFolders([byField!])
    expect((await contents(result.output)).map(({ name }) => name)).toEqual(['4', 'bob'])
    expect(result.skippedLines.map(({ path, reason }) => [path, reason])).toEqual([
      ['3.jpg', 'its .json file names no identity'],
      ['4.jpg', 'its .json file names no identity'],
    ])
    const folders = await packFolders([byFolder!])
    expect(folders).toMatchObject({ webDatasets: 0, ignored: { '.json': 2 } })
    expect((await contents(folders.output)).map(({ name }) => name)).toEqual(['alice', 'bob'])
    expect((await contents((await packFolders([without!])).output)).map(({ name }) => name)).toEqual(['c'])
  })

  it('does not join the classes of two datasets unless told to', async () => {
    const image = await aligned()
    const shards = writeShards({
      'ms1mv2-0000.tar': { '1.jpg': image, '1.cls': '0' },
      'ms1mv3-0000.tar': { '1.jpg': image, '1.cls': '0' },
    })
    await expect(packFolders(shards)).rejects.toThrow(/the identity "0" is in several places/)
    expect(await packFolders(shards, { 'join-by-name': true })).toMatchObject({ images: 2, identities: 1 })
  })
})
