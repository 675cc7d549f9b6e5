import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { Dataset, DatasetWriter, describedImages, publishDataset } from '../../../src/dataset/index.js'
import { type InputError, StrictError, UsageError } from '../../../src/errors/index.js'
import { encodeJpeg } from '../../../src/image/index.js'
import { observeWrites } from '../../../src/io/index.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { unpack } from '../../../src/stages/unpack/unpack.js'
import { renderFace } from '../../../src/synthesis/index.js'
import { localRun } from '../../cluster/local-run.js'
import { contentOf } from '../../dataset/dataset-content.js'
import { imageBytes, newDataset, publishTiny, writeForeign } from '../../dataset/make-dataset.js'
import { picture } from '../../image/pictures.js'
import { testData } from '../../oracles/data.js'
import { temporaryFolder } from '../../temporary-folder.js'

const parent = temporaryFolder()
const datasets = join(parent, 'datasets')

function run(dataset: string, output: string, settings: Partial<LocalRun> = {}) {
  const options = unpack.options.parse({ dataset, output: join(parent, output), datasets })
  return runStage(unpack, options, localRun(settings))
}

function packed(folder: string, output: string, options: object = {}) {
  return runStage(
    pack,
    pack.options.parse({ inputs: [join(parent, folder)], output, datasets, ...options }),
    localRun(),
  )
}

/** Content of every file by its path. */
function filesOf(folder: string): Record<string, string> {
  const paths = readdirSync(join(parent, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Object.fromEntries(
    paths.map((path) => [path.slice(join(parent, folder).length + 1), readFileSync(path).toString('hex')]),
  )
}

function digest(bytes: string): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

/** Identities, order and bytes, as packing sees them; not where they came from. */
async function gist(name: string) {
  const { images, identities } = await contentOf(join(datasets, name))
  return { names: identities.names, images: images.map(({ label, bytes }) => `${label} ${digest(bytes)}`) }
}

await publishTiny(datasets, 'tiny', { ann: 3, bob: 0, 'Zoë Lee': 2 })

describe('unpack', () => {
  it('writes every image as it is stored, in the folder of its identity, and a list of them', async () => {
    const result = await run('tiny', 'tiny')
    expect(result).toEqual({
      output: join(parent, 'tiny'),
      images: 5,
      identities: 2,
      changedNames: 0,
      skipped: 0,
    })
    expect(unpack.describe(result)).toEqual(['unpacked 5 images of 2 identities (0 skipped)'])
    expect(filesOf('tiny')).toEqual({
      '.facedata.json': Buffer.from('{"stage":"unpack"}\n').toString('hex'),
      ...Object.fromEntries(
        [0, 1].map((i) => [`Zoë Lee/${i}.jpg`, imageBytes('Zoë Lee', i).toString('hex')]),
      ),
      ...Object.fromEntries([0, 1, 2].map((i) => [`ann/${i}.jpg`, imageBytes('ann', i).toString('hex')])),
      'images.lst': Buffer.from(
        '1\t0\tann/0.jpg\n2\t0\tann/1.jpg\n3\t0\tann/2.jpg\n4\t2\tZoë Lee/0.jpg\n5\t2\tZoë Lee/1.jpg\n',
      ).toString('hex'),
    })
  })

  it('and pack give the same identities, order and image bytes, whatever the names and formats of the photos', async () => {
    const names = ['ann', 'Ann', 'ann-marie', 'ANN', 'zoë', 'person 2', 'person 10']
    for (const [identity, name] of names.entries()) {
      const folder = join(parent, 'photos', name)
      await mkdir(folder, { recursive: true })
      for (let i = 0; i < 3; i++) {
        await writeFile(join(folder, `${i}.jpg`), encodeJpeg(renderFace(1, identity, i), 95))
      }
      await writeFile(join(folder, '1.png'), await picture(150, 130).png().toBuffer())
      await writeFile(join(folder, '1.k.jpeg'), encodeJpeg(renderFace(2, identity, 0), 90))
      await writeFile(join(folder, 'A.JPG'), encodeJpeg(renderFace(2, identity, 1), 90))
      await writeFile(join(folder, 'a.jpg'), encodeJpeg(renderFace(2, identity, 2), 90))
    }
    await packed('photos', 'first')
    const result = await run('first', 'photos-again')
    expect(result).toMatchObject({ images: 49, identities: 7, changedNames: 2 + 7 })
    expect(unpack.describe(result)[1]).toMatch(/^9 names/)
    await packed('photos-again', 'second')
    const [first, second] = [await gist('first'), await gist('second')]
    expect(second.images).toEqual(first.images)
    expect(first.names).toEqual(['ANN', 'Ann', 'ann', 'ann-marie', 'person 10', 'person 2', 'zoë'])
    expect(second.names).toEqual(['ANN', 'Ann (2)', 'ann (3)', 'ann-marie', 'person 10', 'person 2', 'zoë'])
  })

  it('has the same bytes on one and on four jobs, of the same dataset under another dialect too', async () => {
    await publishTiny(datasets, 'other', { ann: 3, bob: 0, 'Zoë Lee': 2 }, { dialect: 'im2rec' })
    await run('tiny', 'one')
    await run('tiny', 'four', { jobs: 4 })
    await run('other', 'dialect')
    expect(filesOf('four')).toEqual(filesOf('one'))
    const { 'images.lst': list, ...images } = filesOf('one')
    expect(filesOf('dialect')).toMatchObject(images)
    expect(filesOf('dialect')['images.lst']).not.toBe(list)
  })

  it('never leaves its folder, whatever the dataset names', async () => {
    const folder = join(datasets, '.scratch', 'hostile')
    const writer = await DatasetWriter.create(folder, { ...newDataset, name: 'hostile' })
    const names = [
      '../../outside',
      '/absolute',
      '..',
      '.',
      '.hidden',
      'C:\\temp',
      'x'.repeat(400),
      '',
      'a/../../b',
    ]
    for (const [label, name] of names.entries()) {
      writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
      for (const path of [
        `${name}`,
        '../../../escape.jpg',
        `d/${'y'.repeat(300)}.jpg`,
        '..\\up.jpg',
        'tail/',
      ]) {
        writer.addImage({
          label,
          bytes: imageBytes(name, 0),
          source: 0,
          path,
          width: 1,
          height: 1,
          format: 'jpeg',
        })
      }
    }
    const output = join(datasets, 'hostile')
    await publishDataset(await writer.finish(), output, { strict: false, replace: false })
    const before = readdirSync(parent).sort()
    const result = await run('hostile', 'hostile')
    expect(result).toMatchObject({ images: 45, identities: 9 })
    expect(readdirSync(parent).sort()).toEqual([...before, 'hostile'].sort())
    const files = Object.keys(filesOf('hostile')).filter((path) => path.includes('/'))
    expect(files.length).toBe(45)
    for (const path of files) expect(path.split('/').length).toBe(2)
    const listed = (await readFile(join(parent, 'hostile', 'images.lst'), 'utf8')).trim().split('\n')
    expect(listed.map((line) => line.split('\t')[2]).sort()).toEqual(files.sort())
  })

  it('of a dataset without names or paths numbers folders by label and files by key', async () => {
    const folder = join(datasets, 'bare')
    await mkdir(folder)
    const jpeg = encodeJpeg(renderFace(1, 0, 0), 95)
    await writeForeign(
      join(folder, 'train'),
      Array.from({ length: 12 }, (_, i) => ({ key: 100 + i, labels: [11 - i], bytes: jpeg })),
    )
    const lines = (await readFile(join(folder, 'train.idx'), 'utf8')).split('\n')
    await writeFile(join(folder, 'train.idx'), lines.slice(1).join('\n'))
    await expect(run('bare', 'bare', { strict: true })).rejects.toThrow(StrictError)
    expect(existsSync(join(parent, 'bare'))).toBe(false)
    const result = await run('bare', 'bare')
    expect(result).toMatchObject({ images: 11, identities: 11, skipped: 1, changedNames: 22 })
    expect(readdirSync(join(parent, 'bare')).sort().slice(1, 4)).toEqual(['00', '01', '02'])
    expect(readdirSync(join(parent, 'bare', '00'))).toEqual(['00000111.jpg'])
    expect(await readFile(join(parent, 'bare', 'skipped.jsonl'), 'utf8')).toMatch(
      /offset 0 is not in the index/,
    )
  })
})

describe('unpack publishes nothing', () => {
  it("over what exists, and never over a folder of the user's", async () => {
    await run('tiny', 'taken')
    await expect(run('tiny', 'taken')).rejects.toThrow(UsageError)
    writeFileSync(join(parent, 'taken', 'old.txt'), '')
    await run('tiny', 'taken', { replace: true })
    expect(readdirSync(join(parent, 'taken'))).not.toContain('old.txt')
    mkdirSync(join(parent, 'mine'))
    await expect(run('tiny', 'mine', { replace: true })).rejects.toThrow(/never replaced/)
  })

  it('where an image was damaged, naming its record', async () => {
    cpSync(join(datasets, 'tiny'), join(datasets, 'damaged'), { recursive: true, dereference: true })
    const path = join(datasets, 'damaged', 'train.rec')
    const bytes = readFileSync(path)
    bytes[8 + 24]! ^= 1
    writeFileSync(path, bytes)
    const error = await run('damaged', 'damaged').catch((cause: unknown) => cause)
    expect((error as InputError).fault).toMatchObject({ record: 1 })
    expect(existsSync(join(parent, 'damaged'))).toBe(false)
  })

  it('and leaves the old folder and no images behind, where writing fails or a signal comes', async () => {
    await run('tiny', 'kept')
    const before = filesOf('kept')
    for (const kind of ['write', 'sync', 'sync-directory'] as const) {
      const forget = observeWrites((event) => {
        if (event.kind === kind && event.path.includes('Zoë')) throw new Error('disk full')
      })
      await expect(run('other', 'kept', { replace: true })).rejects.toThrow('disk full')
      forget()
    }
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(run('other', 'kept', { replace: true, signal })).rejects.toThrow('stopped')
    expect(filesOf('kept')).toEqual(before)
    expect(existsSync(join(parent, '.scratch'))).toBe(false)
  })

  it('before every file and folder is durable', async () => {
    const open = new Set<string>()
    let published = false
    const forget = observeWrites((event) => {
      if (event.kind === 'create' || event.kind === 'directory') open.add(event.path)
      if (event.kind === 'sync' || event.kind === 'sync-directory') open.delete(event.path)
      if (event.kind === 'rename' && event.to === join(parent, 'durable')) {
        published = true
        const left = [...open].filter((path) => path.startsWith(event.path))
        expect(left.filter((path) => path !== event.path)).toEqual([])
      }
    })
    await run('tiny', 'durable')
    forget()
    expect(published).toBe(true)
  })
})

describe.skipIf(testData() === undefined)('datasets of other tools (needs ../shared/data)', () => {
  it.each(['insightface_kzval', 'wild_im2rec', 'wild_adaface', 'im2rec_celeb5_pass'])(
    '%s unpacks under the names of its list, byte for byte',
    async (name) => {
      const path = join(testData()!, 'golden', name)
      const result = await run(path, name)
      const dataset = await Dataset.open(path)
      expect(result).toMatchObject({
        images: dataset.imageCount,
        identities: dataset.identityCount,
        changedNames: 0,
      })
      const files = filesOf(name)
      for await (const image of describedImages(dataset)) {
        const file = image.path.split('/').slice(-2).join('/')
        expect(files[file] === Buffer.from(image.bytes).toString('hex')).toBe(true)
      }
      await dataset.close()
    },
  )
})
