import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { describeInspection, inspect } from '../../src/inspections/inspect.js'
import { imageBytes, publishTiny, temporaryFolder, writeForeign } from '../dataset/make-dataset.js'
import { testData } from '../oracles/data.js'

const folder = await temporaryFolder()
const path = await publishTiny(folder, 'tiny', { ann: 3, bob: 0, cleo: 6, dan: 4, eve: 1 })
await writeForeign(join(folder, 'train'), [
  { key: 5, labels: [1], bytes: imageBytes('x', 0) },
  { key: 9, labels: [0], id: 77, bytes: imageBytes('x', 1) },
])

describe('inspect', () => {
  it('counts images and identities, and tells who made the dataset', async () => {
    const found = await inspect('tiny', { datasets: folder })
    expect(found).toMatchObject({
      name: 'tiny',
      dialect: 'insightface',
      images: 14,
      identities: 5,
      emptyIdentities: 1,
      height: 112,
      width: 112,
      imagesPerIdentity: { minimum: 1, median: 3.5, maximum: 6 },
      unindexedRecords: 0,
      made: { stage: 'pack', skipped: 0, sources: [{ kind: 'folder', name: 'photos', licence: 'CC0' }] },
    })
    expect(found.record).toBeUndefined()
    expect(found.files.map(({ name }) => name)).toContain('manifest.arrow')
    const text = describeInspection(found).join('\n')
    expect(text).toContain('14 images of 5 identities, 1 of them without images')
    expect(text).toContain('1 to 6, median 3.5')
    expect(text).toContain('from folder photos (licence: CC0)')
  })

  it('shows an image with its identity and origin', async () => {
    const { record, ...rest } = await inspect(path, { record: 4 })
    expect(record).toEqual({
      key: 4,
      kind: 'image',
      offset: expect.any(Number),
      length: 24 + imageBytes('cleo', 0).length,
      header: { flag: 0, label: 2, labels: [], id: '4', id2: '0' },
      image: { bytes: imageBytes('cleo', 0).length, identity: 'cleo', source: 'photos', path: 'cleo/0.jpg' },
    })
    const text = describeInspection({ ...rest, record: record! }).join('\n')
    expect(text).toContain('identity: cleo')
    expect(text).toContain('from: photos, cleo/0.jpg')
  })

  it('shows header and identity records as numbers', async () => {
    const { record } = await inspect(path, { record: 0 })
    expect(record).toMatchObject({ kind: 'numbers', header: { flag: 2, labels: [15, 20] } })
    expect(record!.image).toBeUndefined()
    expect((await inspect(path, { record: 17 })).record!.header.labels).toEqual([4, 10])
  })

  it('reads a dataset of another tool, with or without its list', async () => {
    const stem = join(folder, 'train')
    const bare = await inspect(`${stem}.rec`, { record: 9 })
    expect(bare).toMatchObject({ name: 'train', dialect: 'im2rec', images: 2, identities: 2, height: 0 })
    expect(bare.made).toBeUndefined()
    expect(bare.record).toMatchObject({ header: { id: '77' }, image: { bytes: imageBytes('x', 1).length } })
    expect(describeInspection(bare).join('\n')).toContain('made by another tool')
    await writeFile(`${stem}.lst`, '5\t1\tb/0.jpg\n9\t0\ta/1.jpg\n')
    const { record } = await inspect(`${stem}.rec`, { record: 9 })
    expect(record!.image).toMatchObject({ identity: 'a', path: 'a/1.jpg' })
  })

  it('of a key that is not there names the keys that are', async () => {
    const error = await inspect(path, { record: 20 }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ record: 20, expected: 'a key from 0 to 19' })
  })

  it.skipIf(testData() === undefined)(
    'tells format and size of real images (needs ../shared/data)',
    async () => {
      const found = await inspect(join(testData()!, 'golden/insightface_kzval'), { record: 3 })
      expect(found).toMatchObject({
        images: 229,
        identities: 25,
        imagesPerIdentity: { minimum: 8, maximum: 10 },
      })
      const { path = '', identity, ...image } = found.record!.image!
      expect(image).toEqual({ bytes: 2687, format: 'jpeg', width: 112, height: 112 })
      expect(path).toMatch(/\.jpg$/)
      expect(identity).toBe(path.split('/').at(-2))
    },
  )
})
