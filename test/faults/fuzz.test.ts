import { fork } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imageBytes, publishTiny, writeForeign } from '../dataset/make-dataset.js'
import { picture } from '../image/pictures.js'
import { testData } from '../oracles/data.js'
import { writeRecords } from '../recordio/record-files.js'
import { writeBin } from '../verification/bins.js'
import { memoryFolder } from './memory-folder.js'

/** Damaged files of each kind, 100,000 together, and what they are made from at most. */
const CASES = {
  rec: 37_000,
  pt: 3_000,
  idx: 20_000,
  lst: 20_000,
  property: 5_000,
  bin: 12_000,
  dataset: 3_000,
}
const LARGEST_FILE = 150_000

const PROCESSES = 2
const HEAP_MEGABYTES = 600
const MEMORY_LIMIT = 2 ** 30
/** Silence of a process that counts as a hang: 25 files take a hundredth of it. */
const SILENCE_MS = 30_000

type Kind = keyof typeof CASES

const folder = memoryFolder()
const golden = join(folder, 'golden')
mkdirSync(golden)
await makeGolden()

/** Sound files of every kind: those of other tools that are committed or at hand, and some that are written here. */
async function makeGolden(): Promise<void> {
  const data = testData()
  const fixtures = join(import.meta.dirname, '../../fixtures/golden')
  const folders = [join(fixtures, 'recordio')]
  for (const name of ['tensors.pt', 'checkpoint.pt'])
    copyFileSync(join(fixtures, 'pytorch', name), join(golden, name))
  if (data !== undefined) {
    const shared = join(data, 'golden')
    folders.push(shared, ...readdirSync(shared).map((name) => join(shared, name)))
  }
  for (const place of folders.filter((path) => statSync(path).isDirectory())) {
    for (const name of readdirSync(place)) {
      const path = join(place, name)
      const wanted = /\.(rec|idx|lst|bin)$|^property$/.test(name) && statSync(path).size <= LARGEST_FILE
      if (wanted) copyFileSync(path, join(golden, `${basename(place)}-${name}`))
    }
  }
  const payloads = Array.from({ length: 12 }, (_, i) => imageBytes('ann', i))
  await writeRecords(join(golden, 'many.rec'), [
    ...payloads,
    Buffer.alloc(3000, Buffer.from('0a23d7ce', 'hex')),
  ])
  writeFileSync(join(golden, 'images.lst'), '0\t1\tann/1.jpg\n1\t0\tbob/1.jpg\r\n2\t1\t0.5\tann/2.jpg\n')
  writeFileSync(join(golden, 'aligned.lst'), '1\t/photos/ann/1.jpg\t0\n0\t/photos/bob/1.jpg\t1\n')
  for (const [i, text] of ['10,112,112', '85742,112,112\n', '3,112,96\n20\n'].entries()) {
    writeFileSync(join(golden, `${i}-property`), text)
  }
  const images = await Promise.all(
    [1, 2, 3, 4].map((i) =>
      picture(8 * i, 8)
        .jpeg()
        .toBuffer(),
    ),
  )
  await writeBin(join(golden, 'made.bin'), images, [true, false])
}

/** A folder of files of this kind for one process, which damages them in place. */
async function filesFor(kind: Kind, process: number): Promise<string[]> {
  const own = join(folder, `${kind}-${process}`)
  if (kind !== 'dataset') {
    mkdirSync(own)
    const names = readdirSync(golden).filter((name) => name.endsWith(kind === 'property' ? kind : `.${kind}`))
    for (const name of names) copyFileSync(join(golden, name), join(own, name))
    return names.map((name) => join(own, name))
  }
  const published = await publishTiny(join(folder, `published-${process}`), 'tiny', {
    ann: 4,
    bob: 2,
    cleo: 3,
  })
  const ours = join(own, 'ours')
  cpSync(published, ours, { recursive: true, dereference: true })
  const foreign = join(own, 'foreign')
  mkdirSync(foreign)
  await writeForeign(join(foreign, 'train'), [
    { key: 0, labels: [5, 7] },
    ...[1, 2, 3, 4].map((key) => ({ key, labels: [key >> 2, 0.5], bytes: imageBytes('ann', key) })),
    { key: 5, labels: [1, 4] },
    { key: 6, labels: [4, 5] },
  ])
  copyFileSync(join(golden, 'aligned.lst'), join(foreign, 'train.lst'))
  const bare = join(own, 'bare')
  cpSync(foreign, bare, { recursive: true })
  writeFileSync(join(foreign, 'property'), '2,112,112')
  return [ours, foreign, bare].flatMap((path) => readdirSync(path).map((name) => join(path, name)))
}

interface News {
  seed: number
  fault?: string
  peak?: number
}

/** Reads damaged files in a process of its own: what went wrong, and the most memory that it held. */
async function fuzz(kind: Kind, process: number): Promise<{ faults: string[]; peak: number }> {
  const seeds = [0, 1].map((i) => Math.floor((CASES[kind] * (process + i)) / PROCESSES))
  const child = fork(join(import.meta.dirname, 'fuzz-child.mjs'), {
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
  })
  child.send({ kind, files: await filesFor(kind, process), seeds })
  const faults: string[] = []
  let peak = 0
  let last = seeds[0]!
  let silence: NodeJS.Timeout
  return new Promise((done) => {
    const expectNews = () => {
      clearTimeout(silence)
      silence = setTimeout(() => {
        faults.push(`${kind}: a reader hangs, after seed ${last}`)
        child.kill('SIGKILL')
      }, SILENCE_MS)
    }
    expectNews()
    child.on('message', (news: News) => {
      expectNews()
      last = news.seed
      if (news.fault !== undefined) faults.push(news.fault)
      peak = Math.max(peak, news.peak ?? 0)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(silence)
      if (last !== seeds[1]) faults.push(`${kind}: the process ended (${code ?? signal}) after seed ${last}`)
      done({ faults, peak })
    })
  })
}

describe('damaged files', () => {
  it('are 100,000', () => {
    expect(Object.values(CASES).reduce((a, b) => a + b)).toBe(100_000)
  })

  it.each(Object.keys(CASES) as Kind[])(
    '(%s) give a typed error, or what is not damaged, in bounded time and memory',
    async (kind) => {
      const ended = await Promise.all(Array.from({ length: PROCESSES }, (_, process) => fuzz(kind, process)))
      expect(ended.flatMap(({ faults }) => faults.slice(0, 3))).toEqual([])
      for (const { peak } of ended) {
        expect(peak).toBeGreaterThan(0)
        expect(peak).toBeLessThan(MEMORY_LIMIT)
      }
    },
  )
})
