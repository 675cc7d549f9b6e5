import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { centralFace, Mtcnn } from '../../../src/alignment/index.js'
import { Network, type Output } from '../../../src/alignment/mtcnn/network.js'
import { runStage } from '../../../src/cluster/local.js'
import { InputError } from '../../../src/errors/index.js'
import { crop, decodeRgb, encodeJpeg, type RgbImage } from '../../../src/image/index.js'
import { align } from '../../../src/stages/align/align.js'
import { renderFace } from '../../../src/synthesis/index.js'
import { localRun } from '../../cluster/local-run.js'
import { testData } from '../../oracles/data.js'
import { oracle, runOracle } from '../../oracles/python.js'
import { temporaryFolder } from '../../temporary-folder.js'

interface Golden {
  minFace: number
  /** Of each network: its outputs by the length of their last axis. */
  networks: Record<'pnet' | 'rnet' | 'onet', Record<string, number[]>>
  /** By position in the order of paths: the face with the highest score. */
  photos: Record<number, { faces: number; score: number; landmarks: number[] }>
}

const golden = JSON.parse(
  readFileSync(new URL('../../../fixtures/golden/alignment/mtcnn.json', import.meta.url), 'utf8'),
) as Golden

const data = testData()
const models = join(data ?? '', 'models')
const photos = join(data ?? '', 'lfw_raw')

function paths(): string[] {
  return readdirSync(photos, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name) => join(photos, name))
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}

/** Of each point, pixels. */
function distances(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: a.length / 2 }, (_, i) =>
    Math.hypot(a[2 * i]! - b[2 * i]!, a[2 * i + 1]! - b[2 * i + 1]!),
  )
}

describe.skipIf(data === undefined)('networks of MTCNN (need the test data)', () => {
  it.each([
    ['pnet', 1, 20, [2, 4]],
    ['rnet', 2, 24, [2, 4]],
    ['onet', 2, 48, [2, 4, 10]],
  ] as const)('%s says what it says in Python', async (name, count, size, lengths) => {
    const network = await Network.open(join(models, `${name}.onnx`))
    const views = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 7919) % 251)
    const outputs = await network.run({ data: views, count, width: size, height: size }, ...lengths)
    for (const length of lengths) {
      const expected = golden.networks[name][length]!
      const found = [...(outputs as Record<number, Output>)[length]!.data]
      expect(found).toHaveLength(expected.length)
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 4)
    }
    await network.close()
  })

  it('are refused where they take other input', async () => {
    const other = Network.open(join(models, 'mobilefacenet_192.onnx'))
    await expect(other).rejects.toThrow(/not a network of MTCNN.*expected one input \[N, width, height, 3\]/)
  })
})

describe.skipIf(data === undefined)('Mtcnn (needs the test data)', async () => {
  const folder = temporaryFolder()
  const detector = data === undefined ? undefined : await Mtcnn.open(models, golden.minFace)
  afterAll(() => detector?.close())

  it('finds the faces that the Python package finds, and their landmarks', async () => {
    const files = paths()
    const apart: number[] = []
    let faces = 0
    for (const [index, expected] of Object.entries(golden.photos)) {
      const found = await detector!.detect(await decodeRgb(readFileSync(files[Number(index)]!)))
      const [best] = found
      expect(best!.score).toBeGreaterThan(0.9)
      faces += found.length - expected.faces
      apart.push(...distances(best!.landmarks, expected.landmarks))
    }
    expect(median(apart)).toBeLessThan(1.5)
    expect(apart.filter((distance) => distance > 5).length / apart.length).toBeLessThan(0.05)
    expect(Math.abs(faces)).toBeLessThan(5)
  })

  it('is within 3 pixels of the published landmarks, in the median', async () => {
    const rows = readFileSync(join(data!, 'lfw_raw.landmarks.tsv'), 'utf8').split('\n').slice(1, -1)
    const apart: number[] = []
    for (const row of rows.filter((_, i) => i % 6 === 0)) {
      const [path, , ...landmarks] = row.split('\t')
      const photo = await decodeRgb(readFileSync(join(photos, path!)))
      const face = centralFace(await detector!.detect(photo), photo)!
      apart.push(...distances(face.landmarks, landmarks.map(Number)))
    }
    expect(median(apart)).toBeLessThan(3)
  })

  it('finds the same in a photo whatever came before it', async () => {
    const [first, second] = paths().map((path) => readFileSync(path)) as [Buffer, Buffer]
    const photo = await decodeRgb(first)
    const before = await detector!.detect(photo)
    await detector!.detect(await decodeRgb(second))
    expect(await detector!.detect(photo)).toEqual(before)
  })

  it('finds a face at its place whatever the sides of the photo, odd and even', async () => {
    const photo = await decodeRgb(readFileSync(paths()[0]!))
    const [whole] = await detector!.detect(photo)
    for (const cut of [1, 2, 3, 5, 8, 13]) {
      const [found] = await detector!.detect(
        crop(photo, cut, 0, photo.width - cut, photo.height - 2 * cut + 1),
      )
      const moved = found!.landmarks.map((value, i) => value + (i % 2 === 0 ? cut : 0))
      expect(Math.max(...distances(moved, whole!.landmarks))).toBeLessThan(4)
    }
  })

  it('finds none in a photo without a face, or one smaller than a cell', async () => {
    const flat = (side: number): RgbImage => ({
      width: side,
      height: side,
      data: new Uint8Array(3 * side * side).fill(90),
    })
    expect(await detector!.detect(flat(200))).toEqual([])
    expect(await detector!.detect(flat(8))).toEqual([])
  })

  it('aligns photos by way of its landmarks, which give the same images again', async () => {
    const input = join(folder, 'photos')
    await mkdir(input)
    for (const [i, path] of paths().slice(0, 6).entries()) {
      await writeFile(join(input, `${i}.jpg`), readFileSync(path))
    }
    await writeFile(
      join(input, 'flat.jpg'),
      encodeJpeg({ ...renderFace(1, 1, 1), data: new Uint8Array(37_632) }, 90),
    )
    const run = (output: string, options: object, jobs: number) =>
      runStage(align, align.options.parse({ folder: input, output: join(folder, output), ...options }), {
        ...localRun(),
        jobs,
      })
    const result = await run('one', { detector: models }, 1)
    expect(result).toMatchObject({ photos: 7, aligned: 6, skipped: 1 })
    await run('two', { detector: models }, 2)
    await run('fed', { landmarks: join(folder, 'one', 'landmarks.tsv') }, 1)
    const bytes = (output: string, name: string) => readFileSync(join(folder, output, name)).toString('hex')
    for (const name of readdirSync(join(folder, 'one')).filter((name) => name.endsWith('.jpg'))) {
      expect(bytes('two', name)).toBe(bytes('one', name))
      expect(bytes('fed', name)).toBe(bytes('one', name))
    }
    expect(readFileSync(join(folder, 'one', 'skipped.jsonl'), 'utf8')).toBe(
      '{"source":"photos","path":"flat.jpg","reason":"no face was found"}\n',
    )
  })

  it('says how large the largest face is where all are smaller than wanted', async () => {
    const input = join(folder, 'small')
    await mkdir(input)
    await writeFile(join(input, '0.jpg'), readFileSync(paths()[0]!))
    const options = { folder: input, output: join(folder, 'none'), detector: models, 'min-face': 200 }
    const run = runStage(align, align.options.parse(options), localRun())
    await expect(run).rejects.toThrow(InputError)
    await expect(run).rejects.toThrow(/0\.jpg: (no face was found|the largest face is too small)/)
  })

  it.skipIf(oracle('mtcnn') === undefined)('Python gives the golden numbers again', async () => {
    const again = JSON.parse(await runOracle('mtcnn', 'mtcnn.py', models, photos)) as Golden
    for (const [index, { landmarks }] of Object.entries(again.photos)) {
      const apart = distances(landmarks, golden.photos[Number(index)]!.landmarks)
      expect(Math.max(...apart)).toBeLessThan(0.1)
    }
  })
})
