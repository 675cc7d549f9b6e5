import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { Dataset, describedImages } from '../../src/dataset/index.js'
import { DEFAULT_MAXIMUM_PIXELS } from '../../src/image/index.js'
import { TROUBLE } from '../image/trouble-images.js'
import { testData } from '../oracles/data.js'
import { facedata, measured } from './command-line.js'
import { memoryFolder } from './memory-folder.js'

/** The most memory that pack holds with one thread, whatever the images: stated in its help by the pixels. */
const MEMORY_LIMIT = 2 ** 30

const folder = memoryFolder()
const data = testData()

interface Contents {
  stored: Map<string, Buffer>
  skipped: Map<string, string>
}

async function contentsOf(output: string): Promise<Contents> {
  const dataset = await Dataset.open(output)
  const stored = new Map<string, Buffer>()
  for await (const { path, bytes } of describedImages(dataset)) stored.set(path, Buffer.from(bytes))
  await dataset.close()
  const lines = readFileSync(join(output, 'skipped.jsonl'), 'utf8').split('\n').filter(Boolean)
  const rows = lines.map((line) => JSON.parse(line) as { path: string; reason: string })
  return { stored, skipped: new Map(rows.map(({ path, reason }) => [path, reason])) }
}

/** A PNG of one color, which takes some kilobytes whatever its size: 1 bit a pixel. It may lack rows that it states. */
function hugePng(width: number, height: number, rows = height): Buffer {
  const chunk = (type: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(content.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const pixels = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * rows))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Source: PNG specification, annex D. */
function crc32(bytes: Buffer): number {
  let sum = 0xffff_ffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb8_8320 : 0)
  }
  return ~sum >>> 0
}

describe.skipIf(data === undefined)('every image that makes trouble (needs ../shared/data)', () => {
  const trouble = join(data ?? '', 'trouble')
  const photos = join(folder, 'trouble')
  const names = Object.keys(TROUBLE).sort()

  it('is known to this test', () => {
    expect(readdirSync(trouble).sort()).toEqual(names)
    mkdirSync(photos)
    symlinkSync(trouble, join(photos, 'somebody'))
  })

  it('is converted, or listed with the reason, in bounded memory', async () => {
    const output = join(folder, 'converted')
    const ended = await measured(['pack', photos, '-o', output, '--jobs', '1'])
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.peak).toBeLessThan(MEMORY_LIMIT)
    const { stored, skipped } = await contentsOf(output)
    expect([...stored.keys(), ...skipped.keys()].sort()).toEqual(names.map((name) => `somebody/${name}`))
    for (const name of names) {
      const expected = TROUBLE[name]
      const path = `somebody/${name}`
      if (expected instanceof RegExp) expect(skipped.get(path)).toMatch(expected)
      else {
        const { width, height, format } = await sharp(stored.get(path)).metadata()
        expect([name, format, width, height]).toEqual([name, 'jpeg', 112, 112])
      }
    }
    const strict = await facedata(['pack', photos, '-o', join(folder, 'strict'), '--strict'])
    expect(strict).toMatchObject({ code: 5 })
    expect(strict.stderr).toContain(`${skipped.size} skipped, and --strict was given: nothing is published`)
  })

  it('is passed through byte for byte, the damaged ones with a warning', async () => {
    const output = join(folder, 'passed')
    const ended = await measured(['pack', photos, '-o', output, '--pass-through', '--jobs', '1', '--json'])
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.peak).toBeLessThan(MEMORY_LIMIT)
    const { stored, skipped } = await contentsOf(output)
    expect(skipped.size).toBe(0)
    for (const name of names) {
      expect(readFileSync(join(trouble, name)).equals(stored.get(`somebody/${name}`)!)).toBe(true)
    }
    const unreadable = names.filter((name) => /no end/.test(String(TROUBLE[name])))
    expect(JSON.parse(ended.stdout)).toMatchObject({ damaged: unreadable.length, skipped: 0 })
    expect(ended.stderr).toContain(`${unreadable.length} files were stored as they are and cannot be decoded`)
  })
})

describe('images of many pixels', () => {
  it('are packed up to the limit that the help states, and listed above it, in bounded memory', async () => {
    const photos = join(folder, 'large')
    mkdirSync(join(photos, 'ann'), { recursive: true })
    const side = Math.sqrt(DEFAULT_MAXIMUM_PIXELS)
    const pictures: Record<string, Buffer> = {
      'at the limit.png': hugePng(side, side),
      'at the limit.jpg': await sharp({
        create: { width: side, height: side, channels: 3, background: '#777' },
      })
        .jpeg()
        .toBuffer(),
      'one row more.png': hugePng(side, side + 1, 1),
      'wide.png': hugePng(65_536, 1024),
      'tall.png': hugePng(512, 65_537),
      '280 megapixels.png': hugePng(20_000, 14_000, 1),
      '65536 pixels.png': hugePng(65_536, 65_536, 1),
    }
    for (const [name, bytes] of Object.entries(pictures)) writeFileSync(join(photos, 'ann', name), bytes)
    const output = join(folder, 'largest')
    const ended = await measured(['pack', photos, '-o', output, '--jobs', '1'])
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.peak).toBeLessThan(MEMORY_LIMIT)
    const { stored, skipped } = await contentsOf(output)
    expect([...stored.keys()].sort()).toEqual(
      ['at the limit.jpg', 'at the limit.png', 'tall.png', 'wide.png'].map((name) => `ann/${name}`),
    )
    const tooLarge = (size: string) =>
      `the image is too large to decode: expected at most ${DEFAULT_MAXIMUM_PIXELS} pixels, found ${size}`
    expect(Object.fromEntries(skipped)).toEqual({
      'ann/280 megapixels.png': tooLarge('20000 x 14000'),
      'ann/65536 pixels.png': tooLarge('65536 x 65536'),
      'ann/one row more.png': tooLarge(`${side} x ${side + 1}`),
    })
    const { stdout } = await facedata(['pack', '--help'])
    expect(stdout.replace(/\s+/g, ' ')).toContain('more than 67,108,864 pixels')
  })
})
