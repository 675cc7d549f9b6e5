import { dirname, join } from 'node:path'
import { DatasetWriter, publishDataset } from '../../dist/dataset/index.js'
import { Random } from '../../dist/random/random.js'
import { photos } from './photos.js'

const IMAGES_PER_IDENTITY = 50

/** Writes a dataset of bytes that stand for images: what merges does not look into them. */
export async function writeDataset(
  path: string,
  { images, imageBytes, seed }: { images: number; imageBytes: number; seed: number },
): Promise<void> {
  const bytes = new Uint8Array(imageBytes)
  const random = new Random(seed)
  for (let i = 0; i < imageBytes; i++) bytes[i] = random.integer(256)
  const number = new DataView(bytes.buffer)
  await write(path, images, (image) => {
    number.setUint32(0, image)
    return bytes
  })
}

/** Writes a dataset of JPEGs 112x112 as `pack` does. */
export async function writePhotoDataset(path: string, images: number): Promise<void> {
  const jpegs = photos({ images, size: 112, quality: 95 })
  await write(path, images, async () => (await jpegs.next()).value as Uint8Array)
}

async function write(
  path: string,
  images: number,
  imageAt: (image: number) => Uint8Array | Promise<Uint8Array>,
): Promise<void> {
  const writer = await DatasetWriter.create(join(dirname(path), '.scratch'), {
    name: 'bench',
    dialect: 'insightface',
    height: 112,
    width: 112,
    sources: [{ kind: 'folder', name: 'bench' }],
    stage: 'pack',
    options: {},
  })
  for (let image = 0; image < images; image++) {
    const identity = Math.floor(image / IMAGES_PER_IDENTITY)
    const name = String(identity).padStart(6, '0')
    if (image % IMAGES_PER_IDENTITY === 0) {
      writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
    }
    writer.addImage({
      label: identity,
      bytes: await imageAt(image),
      source: 0,
      path: `${name}/${image}.jpg`,
      width: 112,
      height: 112,
      format: 'jpeg',
    })
    if (writer.behind) await writer.ready()
  }
  await publishDataset(await writer.finish(), path, { strict: true, replace: true })
}
