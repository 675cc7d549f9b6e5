import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DatasetWriter } from '../../../src/dataset/index.js'
import { newDataset } from '../../dataset/make-dataset.js'
import { temporaryFolder } from '../../temporary-folder.js'
import { changeBytes, changeManifest, changeText, faultsOf, offsetOf } from './damage.js'

/** More than two batches of a manifest, and several reads of each file. */
const IMAGES = 150_000

const folder = join(temporaryFolder(), 'many')

async function writeMany(): Promise<void> {
  const writer = await DatasetWriter.create(folder, { ...newDataset, dialect: 'im2rec' })
  for (let i = 0; i < IMAGES; i++) {
    if (i % 10 === 0) writer.addIdentity({ name: `p${i}`, source: 0, sourceName: undefined, sourceLabel: -1 })
    const bytes = Buffer.from(`image ${i}`)
    const image = { label: Math.floor(i / 10), bytes, source: 0, path: `${i}.jpg` }
    writer.addImage({ ...image, width: 0, height: 0, format: 'unknown' })
    if (writer.behind) await writer.ready()
  }
  await writer.finish()
}

it('many records are compared with many rows, whatever batches they come in', async () => {
  await writeMany()
  expect(await faultsOf(folder)).toMatchObject({
    faults: [],
    found: { images: IMAGES, identities: IMAGES / 10 },
  })

  // One record on either side of the border of two batches of the manifest, and a region in another batch.
  for (const key of [65_535, 65_536]) {
    const at = await offsetOf(folder, key)
    await changeBytes(folder, 'train.rec', (bytes) => void (bytes[at + 32]! ^= 1))
  }
  const [start, end] = [await offsetOf(folder, 140_000), await offsetOf(folder, 140_500)]
  await changeBytes(folder, 'train.rec', (bytes) => void bytes.fill(0, start, end))
  expect((await faultsOf(folder)).faults).toMatchObject([
    { kind: 'image', record: 65_535 },
    { kind: 'image', record: 65_536 },
    { kind: 'structure', record: 140_000, problem: expect.stringContaining('and 500 records are lost') },
  ])

  // Rows without a record at the end of one batch and the beginning of the next; an index of another file.
  await changeManifest(folder, (rows) =>
    rows.map((row, i) => (i > 65_530 && i < 65_540 ? { ...row, key: 7, offset: row.offset + 1 } : row)),
  )
  const wrongRows = (await faultsOf(folder)).faults.filter(({ kind }) => kind === 'manifest')
  expect(wrongRows.filter(({ file }) => file === 'manifest.arrow')).toHaveLength(9)
  expect(wrongRows.filter(({ file }) => file === 'train.rec')).toHaveLength(9)

  await changeText(folder, 'train.idx', (text) =>
    text.replace(/\t(\d+)$/gm, (_, offset) => `\t${Number(offset) + 1}`),
  )
  const { found } = await faultsOf(folder)
  expect(found.faultsByKind.index).toBeGreaterThan(IMAGES - 1000)
})
