import { dirname, join } from 'node:path'
import { DatasetWriter, publishDataset } from '../../src/dataset/index.js'
import { encodeJpeg, type RgbImage } from '../../src/image/index.js'
import { AtomicFile } from '../../src/io/index.js'
import { ListPairWriter } from '../../src/pickle/index.js'
import { Random } from '../../src/random/random.js'

export interface TinyDataset {
  identities: number
  imagesEach: number
  /** Side in pixels. */
  size: number
  seed?: number
  /** Number of the first identity in names and patterns; 0 without it. */
  first?: number
  /** Bytes that stand in for one image of each identity. */
  replacement?: { image: number; bytes: Uint8Array }
}

/** An "identity": a coarse pattern of colours. Its images differ by noise. */
export function tinyImage({ size, seed = 1 }: TinyDataset, identity: number, image: number): RgbImage {
  const pattern = new Random(seed, identity)
  const colours = Array.from({ length: 48 }, () => pattern.integer(256))
  const noise = new Random(seed, identity, image, 7)
  const data = new Uint8Array(size * size * 3)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const cell = Math.floor((4 * y) / size) * 4 + Math.floor((4 * x) / size)
      for (let channel = 0; channel < 3; channel++) {
        const value = colours[3 * cell + channel]! + 24 * noise.normal()
        data[3 * (y * size + x) + channel] = Math.max(0, Math.min(255, value))
      }
    }
  }
  return { width: size, height: size, data }
}

/** Publishes a dataset of synthetic identities at `path`. */
export async function writeTinyDataset(path: string, options: TinyDataset): Promise<void> {
  const { identities, imagesEach, size, replacement, first = 0 } = options
  const writer = await DatasetWriter.create(join(dirname(path), '.scratch-tiny'), {
    name: 'tiny',
    dialect: 'insightface',
    height: size,
    width: size,
    sources: [{ kind: 'folder', name: 'synthetic' }],
    stage: 'pack',
    options: {},
  })
  for (let identity = first; identity < first + identities; identity++) {
    const name = `identity-${identity}`
    const label = writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
    for (let image = 0; image < imagesEach; image++) {
      writer.addImage({
        label,
        bytes:
          replacement?.image === image
            ? replacement.bytes
            : encodeJpeg(tinyImage(options, identity, image), 95),
        source: 0,
        path: `${name}/${image}.jpg`,
        width: size,
        height: size,
        format: 'jpeg',
      })
    }
  }
  await publishDataset(await writer.finish(), path, { strict: false, replace: true })
}

/** Writes a bin of new images of the same identities: half of the pairs show one of them twice. */
export async function writeTinyBin(path: string, options: TinyDataset, pairs: number): Promise<void> {
  const file = await AtomicFile.create(path)
  const bin = await ListPairWriter.begin(file)
  const same = Array.from({ length: pairs }, (_, pair) => pair % 2 === 0)
  for (const [pair, isSame] of same.entries()) {
    const first = pair % options.identities
    const second = isSame ? first : (first + 1) % options.identities
    await bin.append(encodeJpeg(tinyImage(options, first, 1000 + pair), 95))
    await bin.append(encodeJpeg(tinyImage(options, second, 2000 + pair), 95))
  }
  await bin.finish(same)
  await file.commit()
}
