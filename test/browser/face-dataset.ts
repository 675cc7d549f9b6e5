import { join } from 'node:path'
import { DatasetWriter, publishDataset } from '../../src/dataset/index.js'
import { encodeJpeg } from '../../src/image/index.js'
import { renderFace } from '../../src/synthesis/index.js'
import { newDataset } from '../dataset/make-dataset.js'

/** A person of a dataset: rendered faces of an identity, or bytes that stand for images. */
export interface FacePerson {
  name: string
  /** Number of the synthetic identity. */
  identity: number
  images: number
  /** Stored in place of the first image. */
  first?: Uint8Array
}

const rendered = new Map<string, Uint8Array>()

/** Images of an identity that differ: rendering takes time. */
const DIFFERENT = 4

export function faceJpeg(identity: number, image: number): Uint8Array {
  const key = `${identity} ${image % DIFFERENT}`
  const known = rendered.get(key) ?? encodeJpeg(renderFace(5, identity, image % DIFFERENT), 90)
  rendered.set(key, known)
  return known
}

/** Publishes a dataset of synthetic faces as `datasets/name`. */
export async function publishFaces(datasets: string, name: string, people: FacePerson[]): Promise<string> {
  const output = join(datasets, name)
  const writer = await DatasetWriter.create(join(datasets, '.scratch', name), { ...newDataset, name })
  for (const { name: person, identity, images, first } of people) {
    const label = writer.addIdentity({ name: person, source: 0, sourceName: person, sourceLabel: -1 })
    for (let image = 0; image < images; image++) {
      writer.addImage({
        label,
        bytes: image === 0 && first !== undefined ? first : faceJpeg(identity, image),
        source: 0,
        path: `${person.replace(/[/<>]/g, '-')}/${image}.jpg`,
        width: 112,
        height: 112,
        format: 'jpeg',
      })
    }
  }
  await publishDataset(await writer.finish(), output, { strict: false, replace: true })
  return output
}
