import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Dataset, describedImages } from '../../src/dataset/index.js'
import { type Fault, InputError } from '../../src/errors/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { imageBytes, publishTiny, writeDataset } from './make-dataset.js'

const parent = temporaryFolder()
const sound = await publishTiny(join(parent, 'datasets'), 'tiny', { ann: 2, bob: 1 })
const folder = join(parent, 'copy')

beforeEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await cp(sound, folder, { recursive: true, dereference: true })
})

async function everything(): Promise<void> {
  const dataset = await Dataset.open(folder)
  try {
    await dataset.labels()
    await dataset.table()
    await dataset.identities()
    for await (const _ of describedImages(dataset));
  } finally {
    await dataset.close()
  }
}

describe('a dataset of facedata', () => {
  it('is known by dataset.json and its manifest, without a walk through its images', async () => {
    const dataset = await Dataset.open(folder)
    expect(dataset).toMatchObject({ name: 'tiny', dialect: 'insightface', imageCount: 3, identityCount: 2 })
    expect(await dataset.fingerprint()).toBe(dataset.description!.fingerprint)
    expect([...(await dataset.labels())]).toEqual([0, 0, 1])
    const table = await dataset.table()
    expect(await dataset.labels()).toBe(table.labels)
    expect([...table.keys]).toEqual([1, 2, 3])
    expect([...table.labels]).toEqual([0, 0, 1])
    expect([...table.lengths]).toEqual(
      [0, 1].map((i) => 24 + imageBytes('ann', i).length).concat(24 + imageBytes('bob', 0).length),
    )
    expect(await dataset.identityNames()).toEqual(['ann', 'bob'])
    await dataset.close()
  })

  it('is the same anywhere, also without train.lst', async () => {
    await rm(join(folder, 'train.lst'))
    await expect(everything()).resolves.toBeUndefined()
  })

  it('stops a walk when it is told to', async () => {
    const dataset = await Dataset.open(folder)
    const walk = dataset.images(AbortSignal.abort(new Error('stop')))
    await expect(walk.next()).rejects.toThrow('stop')
    await dataset.close()
  })

  const flip = async (name: string, at: number) => {
    const bytes = await readFile(join(folder, name))
    bytes[at < 0 ? bytes.length + at : at]! ^= 0x40
    await writeFile(join(folder, name), bytes)
  }
  const rename = async (name: string, from: string, to: string) => {
    const text = (await readFile(join(folder, name))).toString('latin1')
    await writeFile(join(folder, name), Buffer.from(text.replaceAll(from, to), 'latin1'))
  }
  const describeAs = async (change: Record<string, unknown>) => {
    const path = join(folder, 'dataset.json')
    const description = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await writeFile(path, JSON.stringify({ ...description, ...change }))
  }

  it.each<[string, () => Promise<unknown>, string, Partial<Fault>]>([
    ['an image that changed', () => flip('train.rec', 8 + 24), 'train.rec', { record: 1, offset: 0 }],
    ['a label that changed', () => flip('train.rec', 8 + 7), 'train.rec', { record: 1 }],
    [
      'a .rec file cut short',
      () => writeFile(join(folder, 'train.rec'), 'x'),
      'train.rec',
      { actual: '1 bytes' },
    ],
    ['no manifest', () => rm(join(folder, 'manifest.arrow')), 'manifest.arrow', { actual: 'no such file' }],
    ['a manifest that is none', () => flip('manifest.arrow', -8), 'manifest.arrow', {}],
    [
      'a manifest with another schema',
      () => rename('manifest.arrow', 'xxh64', 'xxh32'),
      'manifest.arrow',
      {},
    ],
    ['identities that are none', () => flip('identities.arrow', -8), 'identities.arrow', {}],
    ['a description that is no JSON', () => writeFile(join(folder, 'dataset.json'), '{'), 'dataset.json', {}],
    ['a description of a later format', () => describeAs({ format: 2 }), 'dataset.json', {}],
    ['more images than rows', () => describeAs({ images: 4 }), 'manifest.arrow', { expected: 4, actual: 3 }],
    ['fewer images than rows', () => describeAs({ images: 2 }), 'manifest.arrow', { expected: 2 }],
    [
      'more identities than rows',
      () => describeAs({ identities: 3 }),
      'identities.arrow',
      { expected: 3, actual: 2 },
    ],
    [
      'a label beyond the identities',
      () => describeAs({ identities: 1 }),
      'manifest.arrow',
      { record: 3, actual: 1 },
    ],
  ])('with %s is an error that names the file', async (_, damage, file, fault) => {
    await damage()
    const error = await everything().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ file: join(folder, file), ...fault })
  })

  it('has the manifest of its own records, not of another dataset', async () => {
    const other = await writeDataset(join(parent, 'other'), { ann: 1, bob: 2 })
    await cp(join(other.folder, 'manifest.arrow'), join(folder, 'manifest.arrow'))
    await expect(everything()).rejects.toThrow(InputError)
  })
})
