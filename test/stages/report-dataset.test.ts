import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { InputError } from '../../src/errors/index.js'
import { inspectDataset } from '../../src/inspections/inspect/dataset.js'
import { verify } from '../../src/inspections/verify/verify.js'
import { clean } from '../../src/stages/clean/clean.js'
import { localRun } from '../cluster/local-run.js'
import { writeForeign } from '../dataset/make-dataset.js'
import { temporaryFolder } from '../temporary-folder.js'
import { aligned } from './pack/packing.js'
import { makeReport, outlineOf, publishPictured } from './report-page.js'

const HOSTILE = `</title></svg><script>alert("x")</script><img src="http://evil.example/" onerror=alert(1)>`

/** How a JPEG begins. */
const JPEG = Buffer.from([0xff, 0xd8, 0xff])

let folder: string
let umd: string

beforeAll(async () => {
  folder = temporaryFolder()
  umd = await publishPictured(
    folder,
    'umd',
    { ann: 1, bob: 2, cleo: 9, dan: 3 },
    {
      sources: [
        { kind: 'folder', name: 'first', licence: 'CC0', origin: 'somewhere' },
        { kind: 'dataset', name: 'second', sources: [{ kind: 'folder', name: 'deep' }] },
      ],
      skipped: ['small: 12, below 64', 'small: 13, below 64', 'not an image'],
    },
  )
})

const output = (name: string) => join(folder, 'pages', `${name}.html`)

describe('report of a dataset', () => {
  it('has a section for each thing that is known', async () => {
    const { document, result } = await makeReport({ inputs: [umd], output: output('umd') })
    expect(outlineOf(document)).toEqual([
      '1 umd',
      '2 umd dataset',
      '3 Images per identity',
      '3 Bytes per record',
      '3 Image sizes',
      '3 Formats',
      '3 Skipped files',
      '3 Copies',
      '3 Sources',
      '3 Contact sheet',
      '3 Files and hashes',
    ])
    const tiles = [...document.querySelectorAll('.tiles > div')].map((tile) => tile.textContent)
    expect(tiles).toContain('Images15')
    expect(tiles).toContain('Identities4')
    expect(tiles).toContain('Images per identity, median2')
    expect(tiles).toContain('Skipped3')
    expect(result.datasets).toMatchObject([
      {
        name: 'umd',
        images: 15,
        identities: 4,
        imagesPerIdentity: { minimum: 1, maximum: 9, mean: 3.75 },
        sizes: [{ width: 32, height: 32, images: 15 }],
        formats: [{ format: 'jpeg', images: 15 }],
        byteIdentical: 0,
        skipped: [
          { reason: 'small: N, below N', count: 2 },
          { reason: 'not an image', count: 1 },
        ],
        faults: [],
      },
    ])
  })

  it('names sources with licence and origin, and how much came from each', async () => {
    const { document } = await makeReport({ inputs: [umd], output: output('sources') })
    const rows = [...document.querySelectorAll('#dataset-1-sources tbody tr')].map((row) => row.textContent)
    expect(rows).toEqual([
      'firstfolder10CC0somewhere',
      'seconddataset5not statednot stated',
      '↳ deepfolder5not statednot stated',
    ])
    expect(document.querySelectorAll('#dataset-1-sources rect').length).toBe(4)
  })

  it('has hashes of all files', async () => {
    const { text } = await makeReport({ inputs: [umd], output: output('hashes') })
    const { files, fingerprint } = JSON.parse(readFileSync(join(umd, 'dataset.json'), 'utf8'))
    for (const { xxh64 } of Object.values(files) as { xxh64: string }[]) expect(text).toContain(xxh64)
    expect(text).toContain(fingerprint)
  })

  it('is the same file, byte for byte, each time, and another contact sheet with another seed', async () => {
    const read = async (name: string, given: Record<string, unknown> = {}) =>
      (await makeReport({ inputs: [umd], output: output(name), photos: 4, ...given })).text
    const first = await read('one')
    expect(await read('two')).toBe(first)
    const seeds = await Promise.all([2, 3, 4].map((seed) => read(`seed-${seed}`, { seed })))
    expect(seeds.some((text) => text !== first.replace('seed 1', 'seed 2'))).toBe(true)
    const people = (text: string) => /<div class="people">.*?<\/div><\/section>/s.exec(text)![0]
    expect(new Set([first, ...seeds].map(people)).size).toBeGreaterThan(1)
  })

  it('shows as many photos as it is asked for', async () => {
    const photos = async (count: number) => {
      const { document } = await makeReport({ inputs: [umd], output: output('photos'), photos: count })
      return document.querySelectorAll('.people img[src^="data:image/jpeg;base64,/9j/"]').length
    }
    expect(await photos(48)).toBe(1 + 2 + 4 + 3)
    expect(await photos(5)).toBe(5)
    expect(await photos(0)).toBe(0)
  })

  it('leaves people out with --no-faces: no photo and no name', async () => {
    const given = { inputs: [umd], output: output('no-faces'), 'no-faces': true }
    const { text, document } = await makeReport(given)
    expect(document.querySelectorAll('img').length).toBe(0)
    expect(text).not.toMatch(/\b(ann|bob|cleo|dan)\b/)
    expect(text).toContain('Photos and names of people are left out.')
  })

  it('shows what clean found in it, and refuses what was found in another', async () => {
    const found = join(folder, 'found')
    const options = clean.options.parse({
      dataset: umd,
      'dry-run': true,
      report: found,
      rules: 'small,dark',
      small: 64,
      output: join(folder, 'cleaned'),
    })
    await runStage(clean, options, localRun())
    const { document, result } = await makeReport({
      inputs: [umd],
      output: output('noise'),
      'clean-report': [found],
    })
    expect(outlineOf(document)).toContain('3 Noise and near-duplicates')
    const noise = result.datasets[0]!.noise
    expect(noise.map(({ rule, images }) => [rule, images])).toEqual([
      ['small', 15],
      ['dark', expect.any(Number)],
    ])
    const other = await publishPictured(folder, 'other', { eve: 2 })
    const given = { inputs: [other], output: output('stranger'), 'clean-report': [found] }
    await expect(makeReport(given)).rejects.toThrow(/was written for another dataset, umd/)
  })

  it('shows some photos of what clean found, rule by rule, by a draw; none and nobody without faces', async () => {
    const found = join(folder, 'found-examples')
    const options = { dataset: umd, 'dry-run': true, report: found, rules: 'small,dark', small: 64 }
    await runStage(clean, clean.options.parse(options), localRun())
    const make = (name: string, given: Record<string, unknown> = {}) =>
      makeReport({ inputs: [umd], output: output(name), 'clean-report': [found], ...given })
    const { document, text } = await make('examples')
    const heading = document.querySelector('#dataset-1-examples')!
    expect(heading.textContent).toBe('What clean found: examples')
    const card = heading.parentElement!
    expect([...card.querySelectorAll('h4')].map((rule) => rule.textContent)).toEqual(['small 6 of 15'])
    expect(card.querySelectorAll('img[src^="data:image/jpeg;base64,/9j/"]').length).toBe(6)
    expect(card.querySelector('figcaption')!.textContent).toMatch(/^32 threshold 64(ann|bob|cleo|dan)$/)
    expect((await make('examples-again')).text).toBe(text)
    const chosen = (page: string) => /examples<\/h3>.*?<\/section>/s.exec(page)![0]
    const seeds = await Promise.all([2, 3].map((seed) => make(`examples-${seed}`, { seed })))
    expect(new Set([text, ...seeds.map((page) => page.text)].map(chosen)).size).toBeGreaterThan(1)

    const faceless = await make('examples-faceless', { 'no-faces': true })
    expect(faceless.document.querySelectorAll('img').length).toBe(0)
    expect(faceless.text).not.toMatch(/\b(ann|bob|cleo|dan)\b/)
    expect(faceless.document.querySelector('#dataset-1-examples')).toBeNull()
  })

  it('shows the examples that can be read of a report that is damaged', async () => {
    const found = join(folder, 'found-damaged')
    const options = { dataset: umd, 'dry-run': true, report: found, rules: 'small', small: 64 }
    await runStage(clean, clean.options.parse(options), localRun())
    const path = join(found, 'report.json')
    const lines = readFileSync(path, 'utf8').split('\n')
    const first = lines.findIndex((line) => line.startsWith('    {'))
    lines[first] = lines[first]!.slice(0, 30)
    lines[first + 1] = '    {"rank": 1}'
    writeFileSync(path, lines.join('\n'))
    const given = { inputs: [umd], output: output('found-damaged'), 'clean-report': [found] }
    const { document, result } = await makeReport(given)
    expect(result.datasets[0]!.faults).toEqual([expect.stringMatching(/report\.json: line \d+: no row/)])
    expect(document.querySelector('h4')!.textContent).toBe('small 6 of 13')
  })

  it('tells versions of one dataset apart', async () => {
    const versions = [1, 2].map((images) =>
      publishPictured(join(folder, `v${images}`), 'twice', { ann: images }),
    )
    const inputs = await Promise.all(versions)
    const { document } = await makeReport({ inputs, output: output('versions') })
    const heads = [...document.querySelectorAll('#datasets ~ .cards thead th')].map(
      (head) => head.textContent,
    )
    const [, first, second] = heads
    expect(first).toMatch(/^twice \([0-9a-f]{8}\)$/)
    expect(second).not.toBe(first)
  })

  it('shows several side by side', async () => {
    const ms1m = await publishPictured(folder, 'ms1m', { xan: 5, yun: 6 })
    const { document, result } = await makeReport({ inputs: [umd, ms1m], output: output('both') })
    expect(outlineOf(document).filter((line) => !line.startsWith('3'))).toEqual([
      '1 umd, ms1m',
      '2 Datasets side by side',
      '2 umd dataset',
      '2 ms1m dataset',
    ])
    const images = document.querySelector('#datasets ~ .cards tbody tr')!
    expect([...images.children].map((cell) => cell.textContent)).toEqual(['Images', '15', '11'])
    expect(document.querySelectorAll('#datasets-reach [data-part="line"]').length).toBe(2)
    expect(result.datasets.map(({ name }) => name)).toEqual(['umd', 'ms1m'])
  })
})

describe('a page', () => {
  it('needs nothing from elsewhere, and forbids it', async () => {
    const { text, document } = await makeReport({ inputs: [umd], output: output('alone') })
    expect(text).not.toMatch(/https?:\/\/|url\(|@import|<script|<link|<iframe/)
    const sources = [...document.querySelectorAll('[src], [href]')].map(
      (element) => element.getAttribute('src') ?? element.getAttribute('href')!,
    )
    for (const source of sources) expect(source).toMatch(/^(#|data:image\/jpeg;base64,)/)
    const policy = document
      .querySelector('meta[http-equiv="Content-Security-Policy"]')!
      .getAttribute('content')
    expect(policy).toContain("default-src 'none'")
  })

  it('has no id twice, and every reference leads somewhere', async () => {
    const other = await publishPictured(folder, 'again', { eve: 2 })
    const { document } = await makeReport({ inputs: [umd, other], output: output('ids') })
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const references = [...document.querySelectorAll('[aria-labelledby], a[href]')].flatMap((element) =>
      (element.getAttribute('aria-labelledby') ?? element.getAttribute('href')!.slice(1)).split(' '),
    )
    expect(references.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('shows hostile names as text, whatever they are the name of', async () => {
    const sources = [{ kind: 'folder' as const, name: HOSTILE, licence: HOSTILE, origin: HOSTILE }]
    const hostile = await publishPictured(
      folder,
      'hostile',
      { [HOSTILE.replaceAll('/', '|')]: 3 },
      {
        sources,
        skipped: [HOSTILE],
      },
    )
    const path = join(realpathSync(hostile), 'dataset.json')
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"name": "hostile"', `"name": ${JSON.stringify(HOSTILE)}`),
    )
    const { document } = await makeReport({ inputs: [hostile, umd], output: output('hostile') })
    expect(document.querySelectorAll('script, [onerror], iframe').length).toBe(0)
    expect(document.querySelectorAll('img:not([src^="data:image/jpeg"])').length).toBe(0)
    expect(document.querySelector('h1')!.textContent).toContain(HOSTILE)
    expect(document.querySelector('.people figcaption')!.textContent).toContain('<script>')
  })
})

describe('what is damaged', () => {
  const damaged = async (name: string, damage: (folder: string) => void) => {
    const dataset = await publishPictured(folder, name, { ann: 2, bob: 3 })
    damage(realpathSync(dataset))
    return makeReport({ inputs: [dataset], output: output(name) })
  }

  it('a missing manifest: the records tell what they can', async () => {
    const { document, result } = await damaged('lost', (at) => rmSync(join(at, 'manifest.arrow')))
    expect(document.querySelector('.faults')!.textContent).toContain('manifest.arrow: not the file')
    expect(result.datasets[0]).toMatchObject({
      images: 5,
      imagesPerIdentity: { maximum: 3 },
      formats: [{ format: 'jpeg', images: 5 }],
    })
    expect(document.querySelectorAll('.people img').length).toBe(5)
  })

  it('a manifest of the right length with other bytes', async () => {
    const { result } = await damaged('zeros', (at) => {
      const path = join(at, 'manifest.arrow')
      writeFileSync(path, Buffer.alloc(readFileSync(path).length))
    })
    expect(result.datasets[0]!.faults[0]).toContain('not a readable Arrow file')
    expect(result.datasets[0]).toMatchObject({ images: 5, imagesPerIdentity: { maximum: 3 } })
  })

  it('a description that is no JSON', async () => {
    const { result } = await damaged('torn', (at) => writeFileSync(join(at, 'dataset.json'), '{"format":'))
    expect(result.datasets[0]!.faults[0]).toContain('dataset.json: not JSON')
    expect(result.datasets[0]).toMatchObject({ images: 5, identities: 2 })
  })

  it('records that end early: what was counted till there', async () => {
    const { result, document } = await damaged('short', (at) => {
      const path = join(at, 'train.rec')
      writeFileSync(path, readFileSync(path).subarray(0, 2500))
      rmSync(join(at, 'manifest.arrow'))
    })
    expect(result.datasets[0]!.faults.length).toBeGreaterThan(0)
    expect(document.querySelectorAll('.faults').length).toBeGreaterThan(0)
    expect(result.datasets[0]).toMatchObject({ images: 5, counted: 0, identities: 2 })
    const tiles = [...document.querySelectorAll('.tiles > div')].map((tile) => tile.textContent)
    expect(tiles).toContain('Images50 of them counted below')
    // Whose images were not read is not known to have none.
    expect(tiles).toContain('Identities2')
  })

  it('a record of the contact sheet: it is told, and the other photos are shown', async () => {
    const { document, result } = await damaged('hurt', (at) => {
      const path = join(at, 'train.rec')
      const bytes = readFileSync(path)
      // The magic word of the second record with an image.
      const places: number[] = []
      for (let i = bytes.indexOf(JPEG); i !== -1; i = bytes.indexOf(JPEG, i + 1)) places.push(i)
      bytes.fill(0, places[1]! - 32, places[1]! - 24)
      writeFileSync(path, bytes)
    })
    expect(document.querySelectorAll('.people img').length).toBe(4)
    expect(document.querySelectorAll('.people span[role="img"]').length).toBe(1)
    expect(result.datasets[0]!.faults).toEqual([expect.stringMatching(/train\.rec: .*no record begins here/)])
  })

  it.each([true, false])(
    'records without a manifest: those behind damage count (property: %s)',
    async (hasProperty) => {
      const at = join(folder, `holes-${hasProperty}`)
      mkdirSync(at)
      const image = await aligned(85)
      const labels = [0, 0, 0, 1, 1, 1, 2, 2, 2]
      const stem = join(at, 'train')
      await writeForeign(
        stem,
        labels.map((label, key) => ({ key, labels: [label], bytes: image })),
      )
      if (hasProperty) writeFileSync(join(at, 'property'), '3,112,112')
      const offsets = readFileSync(`${stem}.idx`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => Number(line.split('\t')[1]))
      const bytes = readFileSync(`${stem}.rec`)
      for (const key of [1, 3, 4, 5]) bytes.fill(0, offsets[key], offsets[key]! + 4)
      writeFileSync(`${stem}.rec`, bytes)
      const { document, result } = await makeReport({ inputs: [at], output: output(`holes-${hasProperty}`) })
      expect(result.datasets[0]).toMatchObject({
        images: 9,
        counted: 5,
        identities: 3,
        formats: [{ format: 'jpeg', images: 5 }],
        imagesPerIdentity: { minimum: 2, maximum: 3 },
      })
      const told = result.datasets[0]!.faults.slice(-3)
      expect(told).toEqual([
        '4 records cannot be read, in 2 places (facedata verify tells of all damage):',
        expect.stringContaining(
          `train.rec: record 3 at offset ${offsets[3]}: no record begins here: bad magic word; 3 records, up to key 5, cannot be read before offset ${offsets[6]}`,
        ),
        expect.stringContaining(
          `train.rec: record 1 at offset ${offsets[1]}: no record begins here: bad magic word`,
        ),
      ])
      expect(document.querySelectorAll('.people img').length).toBe(5)
      await expect(inspectDataset(at)).rejects.toThrow(
        /record 1 at offset \d+: no record begins here.*`facedata verify` lists all damage/,
      )
      expect((await verify(at)).images).toBe(5)
    },
  )

  it('a photo that cannot be decoded is told in its place', async () => {
    const stem = join(folder, 'foreign', 'train')
    mkdirSync(join(folder, 'foreign'))
    await writeForeign(
      stem,
      [0, 1].map((key) => ({ key, labels: [key], bytes: Buffer.from('no image') })),
    )
    const { document } = await makeReport({ inputs: [join(folder, 'foreign')], output: output('foreign') })
    expect(document.querySelectorAll('.photos span').length).toBe(2)
  })
})

describe('a dataset of another tool', () => {
  it('is counted from its records', async () => {
    mkdirSync(join(folder, 'other-tool'))
    const photo = readFileSync(join(umd, 'train.rec')).subarray(0, 0)
    const images = [0, 0, 1].map((label, key) => ({
      key,
      labels: [label],
      bytes: Buffer.from(`image ${key}${photo}`),
    }))
    await writeForeign(join(folder, 'other-tool', 'train'), images)
    const { document, result } = await makeReport({
      inputs: [join(folder, 'other-tool')],
      output: output('other-tool'),
    })
    expect(result.datasets[0]).toMatchObject({ images: 3, identities: 2, imagesPerIdentity: { maximum: 2 } })
    expect(document.body.textContent).toContain('A dataset of another tool')
    expect(result.datasets[0]!.faults).toEqual([])
  })

  it('has the sizes that its images have, long ones too, and whole numbers of bytes at the edges of bins', async () => {
    const tall = { width: 1, height: 70_000, channels: 3, background: '#789' } as const
    const png = await sharp({ create: tall }).png().toBuffer()
    // Records of 152 and 153 bytes, header included, on both sides of 2^(58/8), which is 152.2.
    const small = [152, 153].map((bytes) => Buffer.alloc(bytes - 24, 1))
    mkdirSync(join(folder, 'tall'))
    const images = [png, ...small].map((bytes, key) => ({ key, labels: [0], bytes }))
    await writeForeign(join(folder, 'tall', 'train'), images)
    const { result, document } = await makeReport({ inputs: [join(folder, 'tall')], output: output('tall') })
    expect(result.datasets[0]!.sizes).toContainEqual({ width: 1, height: 70_000, images: 1 })
    const bins = [...document.querySelectorAll('#dataset-1-bytes tbody tr')].map((row) => row.children)
    for (const [name, count] of bins) {
      const [from, to] = name!
        .textContent!.split(' to ')
        .map((text: string) => Number(text.replaceAll(',', '')))
      const lengths = [152, 153, 24 + png.length].filter((length) => length >= from! && length < to!)
      expect(Number(count!.textContent), name!.textContent!).toBe(lengths.length)
    }
  })
})

describe('what is no dataset and no run', () => {
  it('is refused, in words', async () => {
    mkdirSync(join(folder, 'empty'))
    await expect(makeReport({ inputs: [join(folder, 'empty')], output: output('x') })).rejects.toThrow(
      /is neither a dataset nor a training run/,
    )
    await expect(makeReport({ inputs: ['nowhere'], output: output('x') })).rejects.toThrow(InputError)
  })
})
