import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../src/cluster/local.js'
import { InterruptedError } from '../../src/errors/index.js'
import { xxh64 } from '../../src/hash/xxh64.js'
import { sampleCentres } from '../../src/network/index.js'
import type { Log } from '../../src/progress/progress.js'
import { silentLog } from '../../src/progress/progress.js'
import { train } from '../../src/stages/train/train.js'
import { hashOfCentres } from '../../src/training/loading/centre-sampler.js'
import { Sampler } from '../../src/training/loading/sampler.js'
import { localRun } from '../cluster/local-run.js'
import { writeTinyDataset } from '../training/tiny-dataset.js'

const IDENTITIES = 50
const STEPS = 12
const CONFIG = `
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 16
head: {name: adaface, t_alpha: 0.1}
sample_rate: 0.2
gradient_acc: 2
batch_size: 4
num_epoch: 1
max_steps: ${STEPS}
lr: 0.02
frequent: 1
num_workers: 1
seed: 3
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-partial-fc-'))
  await writeTinyDataset(join(folder, 'tiny'), { identities: IDENTITIES, imagesEach: 1, size: 32 })
  await writeFile(join(folder, 'tiny.yaml'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

function attempt(run: string, { set, ...local }: Partial<LocalRun> & { set?: string[] } = {}) {
  const options = { config: join(folder, 'tiny.yaml'), dataset: join(folder, 'tiny') }
  const output = join(folder, 'runs', run)
  return runStage(
    train,
    { ...options, output, val_targets: [], ...(set && { set }) },
    localRun({ log: silentLog, ...local }),
  )
}

async function stoppedAfter(step: number, run: string): Promise<void> {
  const controller = new AbortController()
  const info = (line: string) => {
    if (line.startsWith(`step ${step}/`)) controller.abort(new InterruptedError())
  }
  const log: Log = { info, warn: info }
  await expect(attempt(run, { log, signal: controller.signal })).rejects.toBeInstanceOf(InterruptedError)
}

async function logOf(run: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(join(folder, 'runs', run, 'log.jsonl'), 'utf8')).trimEnd().split('\n')
  return lines.map((line) => {
    const { images_per_second: _, ...event } = JSON.parse(line)
    return event
  })
}

async function tensorsOf(run: string): Promise<Record<string, bigint>> {
  const checkpoint = join(folder, 'runs', run, 'checkpoints', `step-${STEPS}`)
  const names = (await readdir(checkpoint)).filter((name) => name.endsWith('.safetensors'))
  expect(names).toHaveLength(3)
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, xxh64(await readFile(join(checkpoint, name)))])),
  )
}

describe('train with sample_rate below 1', () => {
  beforeAll(async () => {
    await attempt('whole')
  })

  it('logs the number and the hash of the centres of each step, which can be drawn again', async () => {
    const sampler = new Sampler({ images: IDENTITIES, batchSize: 4, seed: 3, flip: 0 })
    const expected = Array.from({ length: STEPS }, (_, index) => {
      const update = Math.floor(index / 2)
      // One image an identity: its position is its label.
      const labels = [...sampler.batch(2 * update).positions, ...sampler.batch(2 * update + 1).positions]
      const centres = sampleCentres({ seed: 3, step: update, classes: IDENTITIES, count: 10, labels })
      return { step: index + 1, centres: 10, centres_hash: hashOfCentres(centres) }
    })
    expect(await logOf('whole')).toEqual(expected.map((line) => expect.objectContaining(line)))
    expect(new Set(expected.map((line) => line.centres_hash)).size).toBe(STEPS / 2)
  })

  it.each([3, 6])('goes on after a stop at step %s as if it had not stopped, bit by bit', async (step) => {
    await stoppedAfter(step, `stopped-${step}`)
    await attempt(`stopped-${step}`)
    expect(await logOf(`stopped-${step}`)).toEqual(await logOf('whole'))
    expect(await tensorsOf(`stopped-${step}`)).toEqual(await tensorsOf('whole'))
  })

  it('gives the same for any number of workers', async () => {
    await attempt('workers', { set: ['num_workers=2'] })
    expect(await logOf('workers')).toEqual(await logOf('whole'))
    expect(await tensorsOf('workers')).toEqual(await tensorsOf('whole'))
  })

  it('is the full head where every centre is sampled', async () => {
    await attempt('nearly', { set: ['sample_rate=0.9999', 'batch_size=25', 'gradient_acc=2', 'max_steps=2'] })
    await attempt('full', { set: ['sample_rate=1', 'batch_size=25', 'gradient_acc=2', 'max_steps=2'] })
    const withoutCentres = (lines: Record<string, unknown>[]) =>
      lines.map(({ centres: _, centres_hash: _hash, ...line }) => line)
    expect(withoutCentres(await logOf('nearly'))).toEqual(await logOf('full'))
  })
})
