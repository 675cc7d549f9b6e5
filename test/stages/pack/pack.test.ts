import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { Dataset } from '../../../src/dataset/index.js'
import { InputError, StrictError, UsageError } from '../../../src/errors/index.js'
import { decodeRgb, probe } from '../../../src/image/index.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { localRun } from '../../cluster/local-run.js'
import { gradient, meanDifference, picture } from '../../image/pictures.js'
import { aligned, contents, packFolders, temporaryFolder, writeTree } from './packing.js'

describe('pack', () => {
  it('gives labels in the order of names, by bytes, and keeps aligned JPEGs byte for byte', async () => {
    const [first, second, third] = [await aligned(90), await aligned(80), await aligned(70)]
    const root = writeTree({
      'bob/2.jpg': second,
      'bob/10.jpg': first,
      'Zoë/a.jpg': third,
      'alice/x.jpeg': first,
      'Émile/a.JPG': second,
    })
    const { output, images, identities, asIs, converted } = await packFolders([root])
    expect({ images, identities, asIs, converted }).toEqual({
      images: 5,
      identities: 4,
      asIs: 5,
      converted: 0,
    })
    expect(await contents(output)).toEqual([
      { key: 1, label: 0, name: 'Zoë', bytes: third },
      { key: 2, label: 1, name: 'alice', bytes: first },
      { key: 3, label: 2, name: 'bob', bytes: first },
      { key: 4, label: 2, name: 'bob', bytes: second },
      { key: 5, label: 3, name: 'Émile', bytes: second },
    ])
    expect(readFileSync(join(output, 'property'), 'utf8').trim()).toBe('4,16,16')
    expect(readFileSync(join(output, 'train.lst'), 'utf8')).toContain('bob/10.jpg')
  })

  it('stores gray and progressive JPEGs as they are, and converts everything else to the size', async () => {
    const picture16 = () => picture(16, 16)
    const asIs = {
      'gray.jpg': await picture16().toColourspace('b-w').jpeg().toBuffer(),
      'progressive.jpg': await picture16().jpeg({ progressive: true }).toBuffer(),
      'upright.jpg': await picture16().withMetadata({ orientation: 1 }).jpeg().toBuffer(),
      'wrong-name.png': await picture16().jpeg().toBuffer(),
    }
    const converted = {
      'alpha.png': await picture16().ensureAlpha(0.5).png().toBuffer(),
      'cmyk.jpg': await picture16().toColourspace('cmyk').jpeg().toBuffer(),
      'deep.png': await picture16().toColourspace('rgb16').png().toBuffer(),
      'other.webp': await picture16().webp().toBuffer(),
      'sideways.jpg': await picture16().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'small.jpg': await picture(15, 16).jpeg().toBuffer(),
      'wide.jpg': await picture(40, 16).jpeg().toBuffer(),
    }
    const files = { ...asIs, ...converted }
    const root = writeTree(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`alice/${name}`, bytes])),
    )
    const result = await packFolders([root])
    expect(result).toMatchObject({ asIs: 4, converted: 7, skipped: 0 })
    const stored = await contents(result.output)
    for (const [i, name] of Object.keys(files).sort().entries()) {
      const { bytes } = stored[i]!
      if (name in asIs) expect(bytes.equals(files[name as keyof typeof files])).toBe(true)
      expect(probe(bytes), name).toMatchObject({ format: 'jpeg', width: 16, height: 16, orientation: 1 })
    }
  })

  it('rotates by EXIF before it stores', async () => {
    const sideways = await picture(32, 32).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer()
    const root = writeTree({ 'alice/1.jpg': sideways })
    const [stored] = await contents((await packFolders([root], { size: 32, quality: 100 })).output)
    const upright = await picture(32, 32).rotate(90).raw().toBuffer()
    expect(meanDifference((await decodeRgb(stored!.bytes)).data, upright)).toBeLessThan(6)
    expect(meanDifference((await decodeRgb(stored!.bytes)).data, gradient(32, 32))).toBeGreaterThan(30)
  })

  it('lists what cannot be read, with the reason, and gives an identity without images no label', async () => {
    const whole = await aligned()
    const root = writeTree({
      'alice/1.jpg': whole,
      'alice/2.jpg': whole.subarray(0, whole.length - 1),
      'alice/empty.png': '',
      'bob/text.jpg': 'not an image at all',
      'carol/1.jpg': whole,
    })
    symlinkSync('nowhere.jpg', join(root, 'alice/link.jpg'))
    const result = await packFolders([root])
    expect(result).toMatchObject({ images: 2, identities: 2, skipped: 4, dropped: 0, identitiesLeftOut: 1 })
    expect(result.skippedLines).toEqual([
      {
        source: 'people',
        path: 'alice/2.jpg',
        reason: 'the JPEG has no end marker: it is truncated or corrupt',
      },
      { source: 'people', path: 'alice/empty.png', reason: 'the file is empty' },
      { source: 'people', path: 'alice/link.jpg', reason: 'cannot be read: no such file or folder' },
      {
        source: 'people',
        path: 'bob/text.jpg',
        reason:
          'not an image of a known format: expected JPEG, PNG, WebP, GIF, TIFF, BMP or AVIF, found first bytes 6e6f7420616e2069',
      },
    ])
    expect((await contents(result.output)).map(({ name }) => name)).toEqual(['alice', 'carol'])
    expect(result.warnings).toEqual(['no label for identities of which no image is left: bob'])
    expect(pack.describe(result)).toEqual([
      'packed 2 images of 2 identities (4 skipped)',
      '2 stored as they are, 0 converted',
      '1 identities left out',
      expect.stringMatching(/^each with its reason: .*skipped\.jsonl$/),
    ])
  })

  it('--strict publishes nothing where something was skipped', async () => {
    const root = writeTree({ 'alice/1.jpg': await aligned(), 'alice/2.jpg': 'text' })
    const output = join(temporaryFolder(), 'strict')
    const error = await packFolders([root], { output }, { strict: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StrictError)
    const { message } = error as StrictError
    expect(message).toContain('people/alice/2.jpg: not an image')
    expect(existsSync(output)).toBe(false)
    const list = message.slice(message.indexOf('All of them: ') + 'All of them: '.length)
    expect(readFileSync(list, 'utf8')).toContain('"path":"alice/2.jpg"')
  })

  it('leaves out identities below --min-images, which --strict does not mind', async () => {
    const whole = await aligned()
    const root = writeTree({
      'alice/1.jpg': whole,
      'bob/1.jpg': whole,
      'bob/2.jpg': whole,
    })
    const result = await packFolders([root], { 'min-images': 2 }, { strict: true })
    expect(result).toMatchObject({ images: 2, identities: 1, skipped: 0, dropped: 1, identitiesLeftOut: 1 })
    expect(result.skippedLines).toEqual([
      { source: 'people', path: 'alice/1.jpg', reason: '"alice" keeps 1 images, fewer than --min-images 2' },
    ])
    expect((await contents(result.output)).map(({ label, name }) => [label, name])).toEqual([
      [0, 'bob'],
      [0, 'bob'],
    ])
  })

  it('refuses one name in several places unless it is to be joined', async () => {
    const [first, second] = [await aligned(90), await aligned(80)]
    const one = writeTree({ 'alice/1.jpg': second, 'bob/1.jpg': first }, 'one')
    const two = writeTree({ 'train/alice/1.jpg': first }, 'two')
    const refused = await packFolders([one, two]).catch((thrown: unknown) => thrown)
    expect(refused).toBeInstanceOf(InputError)
    expect((refused as InputError).message).toContain('the identity "alice" is in several places')
    expect((refused as InputError).message).toContain(join(two, 'train/alice'))
    expect((refused as InputError).message).toContain('--join-by-name')
    const { output } = await packFolders([one, two], { 'join-by-name': true })
    expect(await contents(output)).toEqual([
      { key: 1, label: 0, name: 'alice', bytes: second },
      { key: 2, label: 0, name: 'alice', bytes: first },
      { key: 3, label: 1, name: 'bob', bytes: first },
    ])
  })

  it('takes a name for the same whether its accents are characters of their own or not', async () => {
    const [first, second] = [await aligned(90), await aligned(80)]
    const root = writeTree({ 'Zo\u00eb/1.jpg': first, 'Zoe\u0308/2.jpg': second })
    await expect(packFolders([root])).rejects.toThrow('the identity "Zo\u00eb" is in several places')
    const { output } = await packFolders([root], { 'join-by-name': true })
    const images = await contents(output)
    expect(images.map(({ label, name }) => [label, name])).toEqual([
      [0, 'Zo\u00eb'],
      [0, 'Zo\u00eb'],
    ])
  })

  // macOS has no such names.
  it.skipIf(process.platform === 'darwin')(
    'says of a name that is no UTF-8 what is wrong with it',
    async () => {
      const photo = await aligned()
      const root = writeTree({ 'bob/1.jpg': photo })
      writeFileSync(Buffer.concat([Buffer.from(`${root}/bob/`), Buffer.from('caf\xe9.jpg', 'latin1')]), photo)
      const { skippedLines, images } = await packFolders([root])
      expect(images).toBe(1)
      expect(skippedLines[0]?.reason).toBe('cannot be read: its name is not UTF-8. Rename it')
      mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from('Zo\xeb', 'latin1')]))
      await expect(packFolders([root])).rejects.toThrow('its name is not UTF-8. Rename it')
    },
  )

  it('--pass-through stores every image file as it is, and warns of what is damaged', async () => {
    const whole = await aligned()
    const files = {
      'alice/a.jpg': whole,
      'alice/b.jpg': whole.subarray(0, whole.length - 1),
      'alice/c.png': await picture(40, 30).png().toBuffer(),
      'alice/d.jpg': 'text',
    }
    const result = await packFolders([writeTree(files)], { 'pass-through': true })
    expect(result).toMatchObject({ images: 3, asIs: 3, converted: 0, damaged: 1, skipped: 1 })
    expect((await contents(result.output)).map(({ bytes }) => bytes)).toEqual([
      files['alice/a.jpg'],
      files['alice/b.jpg'],
      files['alice/c.png'],
    ])
    expect(result.warnings.join('\n')).toContain('people/alice/b.jpg: the JPEG has no end marker')
    expect(result.warnings.join('\n')).toContain('not all of one size')
    expect(readFileSync(join(result.output, 'property'), 'utf8').trim()).toBe('1,16,16')
  })

  it('--shuffle gives another order for each seed, in the im2rec dialect', async () => {
    const files: Record<string, Buffer> = {}
    for (let i = 0; i < 20; i++) files[`${i % 3}/${i}.jpg`] = await aligned(50 + i)
    const root = writeTree(files)
    const orders = []
    for (const seed of [1, 1, 2]) {
      const { output } = await packFolders([root], { shuffle: true, seed })
      const dataset = await Dataset.open(output)
      expect(dataset.dialect).toBe('im2rec')
      await dataset.close()
      const found = await contents(output)
      expect(found.map(({ key }) => key)).toEqual(found.map((_, i) => i))
      for (const { name, bytes } of found) {
        const path = Object.keys(files).find((candidate) => files[candidate]!.equals(bytes))
        expect(path?.split('/')[0]).toBe(name)
      }
      orders.push(found.map(({ bytes }) => Object.values(files).findIndex((file) => file.equals(bytes))))
    }
    expect(orders[1]).toEqual(orders[0])
    expect(orders[2]).not.toEqual(orders[0])
    expect([...orders[0]!].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    await expect(packFolders([root], { shuffle: true, dialect: 'insightface' })).rejects.toThrow(UsageError)
  })

  it('gives the same bytes whatever the number of shards, and in threads', async () => {
    const files: Record<string, Buffer | string> = {}
    for (let i = 0; i < 150; i++) files[`person ${i % 7}/${i}.jpg`] = await aligned(30 + (i % 60))
    for (let i = 0; i < 6; i++)
      files[`person ${i}/big.png`] = await picture(30 + i, 20)
        .png()
        .toBuffer()
    files['person 3/broken.jpg'] = 'broken'
    const root = writeTree(files)
    for (const options of [{}, { shuffle: true }]) {
      const one = await packFolders([root], options)
      const four = await packFolders([root], options, { shards: 4 })
      const parsed = pack.options.parse({
        ...options,
        inputs: [root],
        size: 16,
        output: join(temporaryFolder(), 'packed'),
      })
      const { output } = await runStage(pack, parsed, localRun({ jobs: 2 }))
      expect(readdirSync(four.output)).toEqual(readdirSync(one.output))
      expect(readdirSync(output)).toEqual(readdirSync(one.output))
      for (const name of readdirSync(one.output).filter((file) => file !== 'sources.arrow')) {
        const expected = readFileSync(join(one.output, name))
        expect(readFileSync(join(four.output, name)).equals(expected), name).toBe(true)
        expect(readFileSync(join(output, name)).equals(expected), name).toBe(true)
      }
    }
  })

  it('lists a file that vanishes between plan and work', async () => {
    const root = writeTree({ 'alice/1.jpg': await aligned(), 'alice/2.jpg': await aligned(80) })
    const output = join(temporaryFolder(), 'packed')
    const plan = await pack.plan(pack.options.parse({ inputs: [root], size: 16, output }), 1)
    unlinkSync(join(root, 'alice/1.jpg'))
    const context = { ...localRun(), scratch: temporaryFolder() }
    const results = [await pack.work(plan.shards[0]!, context)]
    expect(results[0]).toMatchObject({ done: 2, skipped: 1 })
    expect(await pack.finish(plan, results, context)).toMatchObject({ images: 1, skipped: 1 })
  })

  it('has another fingerprint once a file is there or not, or an option has changed', async () => {
    const root = writeTree({ 'alice/1.jpg': await aligned() })
    const fingerprint = async (options = {}) =>
      (await pack.plan(pack.options.parse({ inputs: [root], ...options }), 1)).fingerprint
    const before = await fingerprint()
    expect(await fingerprint()).toBe(before)
    expect(await fingerprint({ quality: 90 })).not.toBe(before)
    writeFileSync(join(root, 'alice/2.jpg'), await aligned(80))
    expect(await fingerprint()).not.toBe(before)
    rmSync(join(root, 'alice/2.jpg'))
    expect(await fingerprint()).toBe(before)
  })

  it('refuses an output that exists, before any work', async () => {
    const root = writeTree({ 'alice/1.jpg': await aligned() })
    const { output } = await packFolders([root])
    await expect(packFolders([root], { output })).rejects.toThrow(/exists.*--replace/)
    expect((await packFolders([root], { output, size: 20 }, { replace: true })).converted).toBe(1)
    await expect(packFolders([root], { output: root })).rejects.toThrow(/did not publish/)
  })

  it('says what is wrong with an input', async () => {
    const root = writeTree({ 'alice/notes.txt': 'text', 'b.db': '' })
    await expect(packFolders([root])).rejects.toThrow(
      /there is no identity in this folder: .*found other files: 1 \.db, 1 \.txt|1 \.txt, 1 \.db/,
    )
    await expect(packFolders([temporaryFolder()])).rejects.toThrow(
      /no identity in this folder.*found no files/,
    )
    await expect(packFolders([join(root, 'absent')])).rejects.toThrow(/absent: cannot be read: no such file/)
    await expect(packFolders([join(root, 'b.db')])).rejects.toThrow(
      /is neither a folder nor an archive that can be read/,
    )
    await expect(packFolders([root, root])).rejects.toThrow(/is given twice/)
    await expect(packFolders([root, join(root, 'alice')])).rejects.toThrow(/lies in .*would come twice/)
    const broken = writeTree({ 'alice/1.jpg': 'text' })
    await expect(packFolders([broken])).rejects.toThrow(
      /no image is left to pack.*1 image files.*people\/alice/,
    )
  })

  it('names the output after the folders', () => {
    const options = pack.options.parse({ inputs: ['/photos/umd', '/photos/ms1m/'], datasets: '/data' })
    expect(pack.output(options)).toEqual({ path: '/data/umd+ms1m', kind: 'dataset' })
    expect(pack.output({ ...options, inputs: ['/photos/umd'] }).path).toBe('/data/umd')
    expect(pack.output({ ...options, output: 'faces' }).path).toBe('/data/faces')
  })
})
