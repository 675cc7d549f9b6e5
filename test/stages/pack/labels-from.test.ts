import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Dataset, readDescription } from '../../../src/dataset/index.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { readOurselves, readWithMxnet } from '../../dataset/mxnet.js'
import { oracle } from '../../oracles/python.js'
import { aligned, contents, type Packed, packFolders, temporaryFolder, writeTree } from './packing.js'

const photo = await aligned()

/** A folder of people, given by name and number of photos. */
function people(images: Record<string, number>): string {
  const files = Object.entries(images).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, i): [string, Buffer] => [`${name}/${i}.jpg`, photo]),
  )
  return writeTree(Object.fromEntries(files))
}

/** Packs over what stands at `output`, with the labels of it. */
function packNight(root: string, output: string, options = {}): Promise<Packed> {
  return packFolders([root], { output, 'labels-from': output, ...options }, { replace: true, shards: 2 })
}

async function labelsOf(output: string): Promise<Record<string, number>> {
  const dataset = await Dataset.open(output)
  const names = await dataset.identityNames()
  await dataset.close()
  return Object.fromEntries(names.map((name, label) => [name, label]))
}

describe('pack --labels-from', () => {
  it('finds a person again whose accents are written in the other form', async () => {
    const output = join(temporaryFolder(), 'umd')
    await packFolders([people({ 'Zoe\u0308': 1, ann: 1 })], { output })
    await packNight(people({ 'Zo\u00eb': 1, ann: 1, bob: 1 }), output)
    expect(await labelsOf(output)).toEqual({ 'Zo\u00eb': 0, ann: 1, bob: 2 })
  })

  it('keeps every label, gives new people the next numbers and lists the labels that stay empty', async () => {
    const output = join(temporaryFolder(), 'umd')
    await packFolders([people({ bob: 2, dan: 1, fay: 3 })], { output })
    const result = await packNight(people({ ann: 1, bob: 1, eve: 2, fay: 3 }), output)
    expect(await labelsOf(output)).toEqual({ bob: 0, dan: 1, fay: 2, ann: 3, eve: 4 })
    expect(result).toMatchObject({ images: 7, identities: 5, emptyLabels: [{ label: 1, name: 'dan' }] })
    const empty = '1 label stays empty: 1 (dan)'
    expect(result.warnings).toEqual([empty])
    expect(pack.describe(result)).toContain(empty)
    expect((await contents(output)).map(({ key, label, name }) => [key, label, name])).toEqual([
      [1, 0, 'bob'],
      [2, 2, 'fay'],
      [3, 2, 'fay'],
      [4, 2, 'fay'],
      [5, 3, 'ann'],
      [6, 4, 'eve'],
      [7, 4, 'eve'],
    ])
    expect(readFileSync(join(output, 'property'), 'utf8')).toBe('5,16,16\n')
    const description = await readDescription(join(output, 'dataset.json'))
    expect(description).toMatchObject({ emptyIdentities: 1, options: { 'labels-from': 'umd' } })
  })

  it('gives people who come back the label that they had', async () => {
    const output = join(temporaryFolder(), 'umd')
    await packFolders([people({ ann: 1, bob: 1, cleo: 1 })], { output })
    await packNight(people({ ann: 1, cleo: 1, dan: 1 }), output)
    await packNight(people({ dan: 1 }), output)
    const { emptyLabels } = await packNight(people({ ann: 1, bob: 1, dan: 1 }), output)
    expect(emptyLabels).toEqual([{ label: 2, name: 'cleo' }])
    expect(await labelsOf(output)).toEqual({ ann: 0, bob: 1, cleo: 2, dan: 3 })
  })

  it('begins with the order of names where the output is not there yet, and equals a pack without it', async () => {
    const root = people({ bob: 1, ann: 1 })
    const plain = await packFolders([root], { output: join(temporaryFolder(), 'umd') })
    const output = join(temporaryFolder(), 'umd')
    const first = await packNight(root, output)
    const second = await packNight(root, output)
    expect(first.emptyLabels).toEqual([])
    expect([first.fingerprint, second.fingerprint]).toEqual([plain.fingerprint, plain.fingerprint])
  })

  it('gives the same dataset night after night while nobody comes or goes', async () => {
    const output = join(temporaryFolder(), 'umd')
    await packFolders([people({ ann: 1, bob: 1 })], { output })
    const left = people({ aaron: 1, bob: 1 })
    const { fingerprint } = await packNight(left, output)
    expect((await packNight(left, output)).fingerprint).toBe(fingerprint)
  })

  it('leaves the label of someone with too few images empty', async () => {
    const output = join(temporaryFolder(), 'umd')
    await packFolders([people({ ann: 2, bob: 2 })], { output })
    const root = people({ aaron: 1, ann: 1, bob: 2, cleo: 2 })
    const result = await packNight(root, output, { 'min-images': 2 })
    expect(result).toMatchObject({
      emptyLabels: [{ label: 0, name: 'ann' }],
      identitiesLeftOut: 2,
      dropped: 2,
    })
    expect(await labelsOf(output)).toEqual({ ann: 0, bob: 1, cleo: 2 })
    expect(result.warnings).toContain('no label for identities that keep fewer than 2 images: aaron')
  })

  it('takes the labels of another dataset, and refuses one that does not exist', async () => {
    const datasets = temporaryFolder()
    await packFolders([people({ ann: 1, bob: 1 })], { output: join(datasets, 'old') })
    const root = people({ aaron: 1, bob: 1 })
    const options = { datasets, output: join(datasets, 'new'), 'labels-from': 'old' }
    await packFolders([root], options)
    expect(await labelsOf(options.output)).toEqual({ ann: 0, bob: 1, aaron: 2 })
    await expect(packFolders([root], { datasets, 'labels-from': 'odl' })).rejects.toThrow(
      /odl: there is no such dataset.*there: new, old/,
    )
  })

  it('refuses labels of a dataset that names nobody', async () => {
    const output = join(temporaryFolder(), 'foreign')
    await packFolders([people({ ann: 1 })], { output })
    for (const name of ['dataset.json', 'manifest.arrow', 'identities.arrow', 'train.lst']) {
      rmSync(join(output, name))
    }
    await expect(packFolders([people({ ann: 1 })], { 'labels-from': output })).rejects.toThrow(
      /labels cannot be kept from a dataset that names none of its identities/,
    )
  })

  it('plans other shards once the labels there are others', async () => {
    const output = join(temporaryFolder(), 'umd')
    const root = people({ bob: 1, cleo: 1 })
    const options = pack.options.parse({ inputs: [root], output, 'labels-from': output })
    const first = await pack.plan(options, 1)
    await packFolders([people({ ann: 1, bob: 1, cleo: 1 })], { output })
    const second = await pack.plan(options, 1)
    expect(second.fingerprint).not.toBe(first.fingerprint)
    expect((await pack.plan(options, 1)).fingerprint).toBe(second.fingerprint)
  })

  it('is an input of its step, except where it is what the step writes', async () => {
    const datasets = temporaryFolder()
    const options = { inputs: ['/photos/umd'], datasets, output: 'umd' }
    const inputs = (labelsFrom: string) =>
      pack.inputs(pack.options.parse({ ...options, 'labels-from': labelsFrom }))
    const folder = { path: '/photos/umd', kind: 'folder' }
    expect(await inputs('ms1m')).toEqual([folder, { path: join(datasets, 'ms1m'), kind: 'dataset' }])
    expect(await inputs('umd')).toEqual([folder])
    expect(await inputs(join(datasets, 'umd'))).toEqual([folder])
  })

  it.skipIf(oracle('mxnet') === undefined)(
    'is read by MXNet, empty labels and all (needs its oracle)',
    async () => {
      for (const dialect of ['insightface', 'im2rec']) {
        const output = join(temporaryFolder(), 'umd')
        await packFolders([people({ ann: 1, bob: 2, cleo: 1 })], { output, dialect })
        await packNight(people({ aaron: 1, bob: 2 }), output, { dialect })
        const ours = await readOurselves(output)
        expect(ours.images.map(({ labels }) => labels[0])).toEqual([1, 1, 3])
        if (dialect === 'insightface') {
          expect(ours.ranges).toEqual({ 4: [1, 1], 5: [1, 3], 6: [3, 3], 7: [3, 4] })
        }
        expect(await readWithMxnet(output)).toEqual(ours)
      }
    },
  )
})
