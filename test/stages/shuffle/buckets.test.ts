import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/random/random.js'
import type { BucketImage } from '../../../src/stages/shuffle/bucket-record.js'
import { Buckets } from '../../../src/stages/shuffle/buckets.js'
import { imageBytes } from '../../dataset/make-dataset.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = join(temporaryFolder(), 'buckets')

function image(number: number): BucketImage {
  return {
    label: number % 7,
    extraLabels: Float32Array.from({ length: number % 3 }, (_, i) => i + 0.5),
    bytes: imageBytes('x', number),
    source: number % 2 === 0 ? 0 : 65_535,
    path: number === 0 ? '' : `Zoë/${number}.jpg`,
    width: 112,
    height: number === 1 ? 70_000 : 96,
    format: number === 2 ? 'of tomorrow' : 'jpeg',
    xxh64: 2n ** 64n - BigInt(number + 1),
  }
}

/** What a manifest can hold of an image. */
function stored(number: number): BucketImage {
  const whole = image(number)
  const format = whole.format === 'jpeg' ? 'jpeg' : 'unknown'
  return { ...whole, format, height: Math.min(whole.height, 65_535), bytes: Buffer.from(whole.bytes) }
}

describe('buckets', () => {
  // 100 images of about 15 bytes: in one file, in some, in one each.
  it.each([1_000_000, 200, 1])('put images in order, whole, with %i bytes a bucket', async (bucketBytes) => {
    const count = 100
    const ranks = new Random(3).shuffle(Uint32Array.from({ length: count }, (_, i) => i))
    const buckets = await Buckets.create(folder, count, 15 * count, bucketBytes)
    expect(readdirSync(folder).length).toBe(Math.min(count, Math.ceil((15 * count) / bucketBytes)))
    for (const [number, rank] of ranks.entries()) buckets.add(rank, image(number))
    await buckets.ready()
    const found: BucketImage[] = []
    for await (const batch of buckets.inOrder()) {
      for (const one of batch) found.push({ ...one, bytes: Buffer.from(one.bytes) })
    }
    expect(found).toEqual(Array.from({ length: count }, (_, rank) => stored(ranks.indexOf(rank))))
    expect(readdirSync(folder)).toEqual([])
    await buckets.remove()
    expect(existsSync(folder)).toBe(false)
  })

  it('are at most 512 files, however large the dataset', async () => {
    const buckets = await Buckets.create(folder, 42_000_000, 300e9)
    expect(readdirSync(folder).length).toBe(512)
    await buckets.remove()
  })
})
