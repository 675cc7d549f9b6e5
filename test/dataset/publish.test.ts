import { mkdir, readdir, readFile, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Dataset, publishDataset } from '../../src/dataset/index.js'
import { StrictError, UsageError } from '../../src/errors/index.js'
import { observeWrites } from '../../src/io/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { imageBytes, writeDataset } from './make-dataset.js'

const parent = temporaryFolder()
let datasets: string
let output: string

beforeEach(async () => {
  datasets = join(parent, 'datasets')
  output = join(datasets, 'umd')
  await rm(datasets, { recursive: true, force: true })
})

/** Publishes `images` images of one person. */
async function publish(images: number, { replace = true, strict = false } = {}): Promise<string> {
  const written = await writeDataset(join(datasets, '.scratch'), { ann: images })
  await publishDataset(written, output, { strict, replace })
  return written.description.fingerprint
}

/** Number of images, each read and compared. */
async function wholeImages(): Promise<number> {
  const dataset = await Dataset.open(output)
  let images = 0
  for await (const { bytes } of dataset.images())
    expect(Buffer.from(bytes)).toEqual(imageBytes('ann', images++))
  expect((await dataset.table()).count).toBe(images)
  expect([...(await dataset.identities()).images]).toEqual([images])
  await dataset.close()
  return images
}

const versions = async () => (await readdir(join(datasets, '.versions', 'umd'))).sort()

describe('publishing', () => {
  it('puts the dataset behind a link that names its fingerprint, and leaves nothing else', async () => {
    const fingerprint = await publish(2)
    expect(await readlink(output)).toBe(join('.versions', 'umd', fingerprint))
    expect(await wholeImages()).toBe(2)
    expect((await readdir(datasets)).sort()).toEqual(['.versions', 'umd'])
  })

  it('keeps the version before, and no older one', async () => {
    const fingerprints: string[] = []
    for (const images of [1, 2, 3]) fingerprints.push(await publish(images))
    expect(await versions()).toEqual(fingerprints.slice(1).sort())
    const again = await publish(2)
    expect(again).toBe(fingerprints[1])
    expect(basename(await realpath(output))).toBe(again)
    expect(await versions()).toEqual(fingerprints.slice(1).sort())
    await publish(2)
    expect(await versions()).toEqual(fingerprints.slice(1).sort())
  })

  it('lets a reader that has the old version open read it to its end', async () => {
    await publish(3)
    const reader = await Dataset.open(output)
    await publish(4)
    await publish(5)
    const keys: number[] = []
    for await (const { key } of reader.images()) keys.push(key)
    await reader.close()
    expect(keys).toEqual([1, 2, 3])
  })

  it('mends a version whose files were cut short', async () => {
    await publish(2)
    await writeFile(join(output, 'train.rec'), '')
    await publish(2)
    expect(await wholeImages()).toBe(2)
  })

  it('mends a version that lost its description', async () => {
    await publish(2)
    await rm(join(output, 'dataset.json'))
    await publish(2)
    expect((await Dataset.open(output)).description).toBeDefined()
    expect(await wholeImages()).toBe(2)
  })

  it('carries the bins that were put into the version before', async () => {
    await publish(1)
    await writeFile(join(output, 'lfw.bin'), 'pairs')
    await writeFile(join(output, 'lfw.bin.json'), '{}')
    await writeFile(join(output, 'notes.txt'), '')
    for (const images of [2, 3, 4, 3]) await publish(images)
    expect(await readFile(join(output, 'lfw.bin'), 'utf8')).toBe('pairs')
    expect(await readdir(output)).toContain('lfw.bin.json')
    expect(await readdir(output)).not.toContain('notes.txt')
    await writeFile(join(output, 'lfw.bin'), 'other pairs')
    // Into a version that stands there with bins of its own, and into a new one.
    for (const images of [4, 5]) {
      await publish(images)
      expect(await readFile(join(output, 'lfw.bin'), 'utf8')).toBe('other pairs')
    }
  })

  it('refuses an output that exists, unless it is to be replaced', async () => {
    await publish(1)
    await expect(publish(2, { replace: false })).rejects.toThrow(UsageError)
    expect(await wholeImages()).toBe(1)
  })

  it('never replaces a folder or a file that was not published, but a link', async () => {
    await mkdir(output, { recursive: true })
    await writeFile(join(output, 'train.rec'), 'mine')
    await expect(publish(1)).rejects.toThrow(/folder that facedata did not publish/)
    expect(await readFile(join(output, 'train.rec'), 'utf8')).toBe('mine')
    const elsewhere = join(parent, 'elsewhere')
    await rm(elsewhere, { recursive: true, force: true })
    await mkdir(elsewhere)
    await rm(output, { recursive: true })
    await symlink(elsewhere, output)
    await publish(1)
    expect(await wholeImages()).toBe(1)
    expect(await readdir(elsewhere)).toEqual([])
  })

  it('under --strict publishes nothing where something was skipped', async () => {
    await publish(1)
    const written = await writeDataset(join(datasets, '.scratch'), { ann: 2 })
    written.description.skipped = 1
    const publishing = publishDataset(written, output, { strict: true, replace: true })
    await expect(publishing).rejects.toThrow(StrictError)
    expect(await wholeImages()).toBe(1)
  })

  it('that stops at any write leaves the old version or the new one, whole, and can be done again', async () => {
    await publish(2)
    let last = -1
    for (let stop = 0; ; stop++) {
      let writes = 0
      const forget = observeWrites(() => {
        if (writes++ >= stop) throw new Error('power cut')
      })
      const outcome = await publish(3).catch((error: Error) => error.message)
      forget()
      last = await wholeImages()
      expect([2, 3]).toContain(last)
      if (outcome !== 'power cut') break
      if (last === 3) {
        await publish(2)
        expect(await wholeImages()).toBe(2)
      }
    }
    expect(last).toBe(3)
  })
})
