import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readList } from '../../../src/dataset/index.js'
import { probe } from '../../../src/image/index.js'
import { testData } from '../../oracles/data.js'
import { oracle, runOracle } from '../../oracles/python.js'
import { contents, packFolders } from './packing.js'

const data = testData() ?? ''

/** What `recordio_read.py` prints of a record. */
interface MxnetRecord {
  key: number
  header: { flag: number; label: number; labels: number[]; id: string; body: string }
}

describe.skipIf(testData() === undefined)('pack of real photos (needs ../shared/data)', () => {
  it('stores aligned photos byte for byte', async () => {
    const folder = join(data, 'celeb5/aligned')
    const result = await packFolders([folder], { size: 112 }, { shards: 2 })
    expect(result).toMatchObject({ images: 93, identities: 5, asIs: 93, converted: 0, skipped: 0 })
    const stored = await contents(result.output)
    for await (const { key, path } of readList(join(result.output, 'train.lst'))) {
      const image = stored[key - 1]!
      expect(image.bytes.equals(readFileSync(join(folder, path)))).toBe(true)
      expect(image.name).toBe(path.split('/')[0])
    }
  })

  it.skipIf(oracle('mxnet') === undefined)('is read by MXNet (needs its oracle)', async () => {
    const { output } = await packFolders([join(data, 'celeb5/aligned')], { size: 112 })
    const files = [join(output, 'train.rec'), join(output, 'train.idx')] as const
    const records: MxnetRecord[] = JSON.parse(await runOracle('mxnet', 'recordio_read.py', ...files))
    const byKey = new Map(records.map((record) => [record.key, record.header]))
    const images = await contents(output)
    expect(byKey.get(0)?.labels).toEqual([94, 99])
    expect(byKey.size).toBe(1 + 93 + 5)
    for (const { key, label, bytes } of images) {
      const header = byKey.get(key)!
      expect([header.flag, header.label, header.id]).toEqual([0, label, String(key)])
      expect(header.body).toBe(bytes.toString('hex'))
    }
    for (let label = 0; label < 5; label++) {
      const keys = images.filter((image) => image.label === label).map(({ key }) => key)
      expect(byKey.get(94 + label)?.labels).toEqual([keys[0], keys.at(-1)! + 1])
    }
  })

  it('converts photos of another size', async () => {
    const result = await packFolders([join(data, 'celeb5/raw_test')], { size: 112 })
    expect(result).toMatchObject({ asIs: 0, skipped: 0 })
    for (const { bytes } of await contents(result.output)) {
      expect(probe(bytes)).toMatchObject({ width: 112, height: 112, components: 3 })
    }
  })

  it('packs what makes trouble or says why not', async () => {
    const result = await packFolders([join(data, 'trouble')], { size: 112 })
    expect(result).toMatchObject({ images: 18, identities: 1, converted: 18, skipped: 6 })
    expect(result.skippedLines.map(({ path, reason }) => [path, reason.split(':')[0]])).toEqual([
      ['65536-uint32-limit.png', 'the image is too large to decode'],
      ['corrupt-header.jpg', 'the JPEG has no end marker'],
      ['giant-image.jpg', 'the image is too large to decode'],
      ['truncated.jpg', 'the JPEG has no end marker'],
      ['truncated.png', 'the PNG has no end chunk'],
      ['truncated_jpeg.jpg', 'the JPEG has no end marker'],
    ])
  })
})
