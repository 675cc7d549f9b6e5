import { join } from 'node:path'
import { DatasetWriter, publishDataset } from '../../dist/dataset/index.js'
import { encodeJpeg } from '../../dist/image/index.js'
import { renderFace } from '../../dist/synthesis/index.js'

/** Faces that are rendered; the images of a crowd are these again and again. */
const FACES = 400

/** Publishes a dataset of many people with some images each. */
export async function writeCrowd(path: string, people: number, imagesEach: number): Promise<void> {
  const faces = Array.from({ length: FACES }, (_, i) => encodeJpeg(renderFace(1, i, 0), 92))
  const writer = await DatasetWriter.create(join(path, '..', '.scratch'), {
    name: 'crowd',
    dialect: 'insightface',
    height: 112,
    width: 112,
    sources: [{ kind: 'folder', name: 'crowd' }],
    stage: 'pack',
    options: {},
  })
  for (let person = 0; person < people; person++) {
    const name = `person ${String(person).padStart(6, '0')}`
    const label = writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
    for (let image = 0; image < imagesEach; image++) {
      const bytes = faces[(person * 7 + image * 13) % FACES]!
      const source = { source: 0, path: `${name}/${image}.jpg` }
      writer.addImage({ label, bytes, ...source, width: 112, height: 112, format: 'jpeg' })
    }
    if (writer.behind) await writer.ready()
  }
  await publishDataset(await writer.finish(), path, { strict: true, replace: true })
}
