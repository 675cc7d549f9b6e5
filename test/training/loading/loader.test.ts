import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Dataset } from '../../../src/dataset/index.js'
import { InputError, UsageError } from '../../../src/errors/index.js'
import { xxh64 } from '../../../src/hash/xxh64.js'
import { decodeRgb, encodeJpeg } from '../../../src/image/index.js'
import { silentLog } from '../../../src/progress/progress.js'
import { augmentationSteps } from '../../../src/training/config/index.js'
import { DistortionSampler } from '../../../src/training/loading/distortion-sampler.js'
import { type Batch, Loader } from '../../../src/training/loading/loader.js'
import { Sampler } from '../../../src/training/loading/sampler.js'
import { readTrainingImages, type TrainingImages } from '../../../src/training/loading/training-images.js'
import { tinyImage, writeTinyDataset } from '../tiny-dataset.js'

const tiny = { identities: 5, imagesEach: 7, size: 32 }
const options = { batchSize: 4, seed: 3, flip: 0.5 }

let folder: string
let dataset: Dataset
let images: TrainingImages
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-loader-'))
  await writeTinyDataset(join(folder, 'tiny'), tiny)
  dataset = await Dataset.open(join(folder, 'tiny'))
  images = await readTrainingImages(dataset, { batch_size: 4 }, silentLog)
})
afterAll(async () => {
  await dataset.close()
  await rm(folder, { recursive: true })
})

/** A batch by its hash: comparing pixels one by one takes seconds. */
const hashed = (batches: Batch[]) => batches.map((batch) => ({ ...batch, images: xxh64(batch.images) }))

async function load(
  workers: number,
  first: number,
  end: number,
  from = images,
  distortions?: DistortionSampler,
): Promise<Batch[]> {
  const loader = new Loader(from, new Sampler({ images: from.count, ...options }), workers, distortions)
  const batches: Batch[] = []
  try {
    for await (const batch of loader.batches(first, end)) {
      batches.push({ ...batch, images: batch.images.slice() })
    }
  } finally {
    await loader.close()
  }
  return batches
}

describe('loader', () => {
  it('gives the same batches for any number of workers and any first step', async () => {
    const one = hashed(await load(1, 0, 12))
    const two = hashed(await load(2, 0, 12))
    const three = hashed(await load(3, 0, 12))
    expect(one.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(two).toEqual(one)
    expect(three).toEqual(one)
    expect(hashed(await load(1, 9, 12))).toEqual(one.slice(9))
  })

  it('is two batches for each worker ahead of the step, no more, and never beyond the end', async () => {
    const begun: number[] = []
    class WatchedSampler extends Sampler {
      override batch(step: number) {
        begun.push(step)
        return super.batch(step)
      }
    }
    const loader = new Loader(images, new WatchedSampler({ images: images.count, ...options }), 2)
    const ahead: number[] = []
    try {
      for await (const { step } of loader.batches(3, 11)) ahead.push(begun.at(-1)! - step)
    } finally {
      await loader.close()
    }
    expect(begun).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
    expect(ahead).toEqual([3, 3, 3, 3, 3, 2, 1, 0])
  })

  it('gives each image as it decodes, its label beside it, mirrored where the sampler says so', async () => {
    const sampler = new Sampler({ images: images.count, ...options })
    for (const batch of await load(2, 0, 8)) {
      const { positions, flips } = sampler.batch(batch.step)
      expect(batch.positions).toEqual(positions)
      for (const [i, position] of positions.entries()) {
        const stored = await dataset.image(position)
        expect(batch.labels[i]).toBe(stored.label)
        const { data } = await decodeRgb(stored.bytes)
        const planes = batch.images.subarray(i * 3 * 1024, (i + 1) * 3 * 1024)
        for (const [x, y] of [
          [0, 0],
          [31, 0],
          [5, 17],
          [30, 31],
        ] as const) {
          const from = flips[i] === 1 ? 31 - x : x
          const pixel = [0, 1, 2].map((channel) => planes[channel * 1024 + y * 32 + x])
          expect(pixel).toEqual([...data.subarray(3 * (y * 32 + from), 3 * (y * 32 + from) + 3)])
        }
      }
    }
  })

  it('distorts images as they are drawn, the same ones for any number of workers and any first step', async () => {
    const steps = { ...augmentationSteps('dali'), gray: 0.4, flip: 0.5 }
    const distortions = new DistortionSampler({ seed: 3, steps, height: 32, width: 32 })
    const plain = await load(1, 0, 9)
    const distorted = await load(2, 0, 9, images, distortions)
    expect(hashed(await load(3, 0, 9, images, distortions))).toEqual(hashed(distorted))
    expect(hashed(await load(1, 5, 9, images, distortions))).toEqual(hashed(distorted.slice(5)))
    const kinds = new Set<string>()
    for (const [step, batch] of distorted.entries()) {
      for (const [i, distortion] of distortions.batch(batch, 4).entries()) {
        const planes = batch.images.subarray(i * 3072, (i + 1) * 3072)
        const before = plain[step]!.images.subarray(i * 3072, (i + 1) * 3072)
        expect(Buffer.compare(planes, before) === 0).toBe(distortion === undefined)
        const isGray = Buffer.compare(planes.subarray(0, 1024), planes.subarray(2048)) === 0
        expect(isGray).toBe(distortion?.gray === true)
        kinds.add(Object.keys(distortion ?? {}).join())
      }
    }
    expect(kinds.size).toBeGreaterThan(3)
  })

  it('names the record that is no image or has another size', async () => {
    const cut = encodeJpeg(tinyImage(tiny, 0, 0), 95).subarray(0, 300)
    const large = encodeJpeg(tinyImage({ ...tiny, size: 48 }, 0, 0), 95)
    for (const [bytes, problem] of [
      [cut, 'truncated'],
      [large, 'expected 32x32, found 48x48'],
    ] as const) {
      const path = join(folder, `bad-${problem.length}`)
      await writeTinyDataset(path, {
        identities: 1,
        imagesEach: 6,
        size: 32,
        replacement: { image: 2, bytes },
      })
      const bad = await Dataset.open(path)
      const badImages = await readTrainingImages(bad, { batch_size: 4 }, silentLog)
      await bad.close()
      const error = await load(2, 0, 4, badImages).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(InputError)
      expect((error as InputError).fault).toMatchObject({ record: 3, file: badImages.path })
      expect((error as Error).message).toContain(problem)
    }
  })
})

describe('training images', () => {
  it('has the columns of the dataset', () => {
    expect(images).toMatchObject({ count: 35, classes: 5, height: 32, width: 32 })
    expect([...images.labels.slice(0, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
    expect(images.keys[0]).toBe(1)
  })

  it('refuses less than one batch', async () => {
    await expect(readTrainingImages(dataset, { batch_size: 36 }, silentLog)).rejects.toThrow(UsageError)
  })

  it('refuses a label that has no identity, naming the record', async () => {
    const table = await dataset.table()
    const labels = Int32Array.from(table.labels)
    labels[9] = 5
    const damaged = Object.assign(Object.create(dataset) as Dataset, {
      table: async () => ({ ...table, labels }),
      fingerprint: async () => '',
    })
    await expect(readTrainingImages(damaged, { batch_size: 4 }, silentLog)).rejects.toThrow(
      /record 10 .*the label has no identity in this dataset: expected 0 to 4, found 5/,
    )
  })
})
