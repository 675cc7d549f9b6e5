import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../src/cluster/local.js'
import { openModel } from '../../src/engines/index.js'
import { FacedataError, InputError, InterruptedError, UsageError } from '../../src/errors/index.js'
import { xxh64 } from '../../src/hash/xxh64.js'
import type { Log } from '../../src/progress/progress.js'
import { train } from '../../src/stages/train/train.js'
import { loadConfig } from '../../src/training/index.js'
import { judgePairs, readPairScores } from '../../src/verification/index.js'
import { localRun } from '../cluster/local-run.js'
import { writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'
import { curvePoints } from '../training/watching/curve-points.js'

const tiny = { identities: 6, imagesEach: 6, size: 32 }

const CONFIG = `
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 16
margin_list: [1, 0.2, 0]
batch_size: 8
num_epoch: 2
lr: 0.02
frequent: 1
verbose: 3
num_workers: 1
augmentation: {flip: 0.5, resize: {probability: 0.3}, blur: {probability: 0.3}, gray: 0.3}
`
/** 36 images in batches of 8. */
const STEPS = 8

let folder: string
let said: string[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-train-'))
  await writeTinyDataset(join(folder, 'tiny'), tiny)
  await writeTinyBin(join(folder, 'val.bin'), tiny, 20)
  await writeFile(join(folder, 'tiny.yaml'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

interface Attempt {
  run: string
  set?: string[]
  dataset?: string
  resume?: boolean
  val_targets?: string[]
}

function options({ run, ...others }: Attempt) {
  return {
    config: join(folder, 'tiny.yaml'),
    dataset: join(folder, 'tiny'),
    val_targets: ['val'],
    output: join(folder, 'runs', run),
    ...others,
  }
}

/** Runs the stage as the command line does. */
function attempt(given: Attempt, local: Partial<LocalRun> = {}) {
  said = []
  const log: Log = {
    info: (line) => void said.push(line),
    warn: (line) => void said.push(`warning: ${line}`),
  }
  return runStage(train, options(given), localRun({ log, ...local }))
}

/** The same, stopped as by SIGINT when the console says that a step is done. */
async function stoppedAfter(step: number, given: Attempt): Promise<void> {
  const controller = new AbortController()
  const info = (line: string) => {
    said.push(line)
    if (line.startsWith(`step ${step}/`)) controller.abort(new InterruptedError())
  }
  const log = { info, warn: info }
  await expect(attempt(given, { log, signal: controller.signal })).rejects.toBeInstanceOf(InterruptedError)
}

const path = (run: string, ...names: string[]) => join(folder, 'runs', run, ...names)

async function logOf(run: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path(run, 'log.jsonl'), 'utf8')).trimEnd().split('\n')
  return lines.map((line) => {
    const { images_per_second: _, ...event } = JSON.parse(line)
    return event
  })
}

/** Curves of a run, but for the time left. */
async function curvesOf(run: string): Promise<unknown[][]> {
  const points = await curvePoints(path(run, 'tensorboard'))
  return points.filter(([tag]) => tag !== 'time_for_end' && tag !== 'start')
}

/** Hash of every file that a run must have in common with another of the same config. */
async function artifactsOf(run: string): Promise<Map<string, bigint>> {
  const last = `step-${STEPS}`
  const names = [
    'model.onnx',
    'best.safetensors',
    join('verification', 'val.arrow'),
    ...(await readdir(path(run, 'checkpoints', last))).map((name) => join('checkpoints', last, name)),
  ]
  return new Map(
    await Promise.all(names.map(async (name) => [name, xxh64(await readFile(path(run, name)))] as const)),
  )
}

describe('train', () => {
  it('makes a run: config, log, checkpoints, best weights and a model', async () => {
    const result = await attempt({ run: 'whole' })
    expect(result).toMatchObject({ run: path('whole'), model: path('whole', 'model.onnx'), steps: STEPS })
    expect(await readdir(path('whole'))).toEqual([
      'best.safetensors',
      'checkpoints',
      'config.yaml',
      'log.jsonl',
      'model.onnx',
      'tensorboard',
      'verification',
    ])
    expect(await readdir(path('whole', 'checkpoints'))).toEqual(['step-4', 'step-8'])
    expect(await readdir(path('whole', 'checkpoints', 'step-8'))).toEqual([
      'backbone.safetensors',
      'head.safetensors',
      'identities.jsonl',
      'optimizer.safetensors',
      'state.msgpack',
    ])
    const { config } = loadConfig(path('whole', 'config.yaml'))
    expect(config).toMatchObject({ batch_size: 8, lr: 0.02, momentum: 0.9, val_targets: ['val'] })
    const events = await logOf('whole')
    expect(events.filter(({ loss }) => loss !== undefined).map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ])
    expect(events.filter((event) => event['val_target'] === 'val').map(({ step }) => step)).toEqual([
      3, 4, 6, 8,
    ])
    expect(await curvesOf('whole')).toEqual(
      events.flatMap(({ step, loss, learning_rate: rate, val_target: target, accuracy }) =>
        target === undefined
          ? [
              ['learning_rate', step, Math.fround(rate as number)],
              ['loss', step, Math.fround(loss as number)],
            ]
          : [[target, step, Math.fround(accuracy as number)]],
      ),
    )
    const kept = await readPairScores(path('whole', 'verification', 'val.arrow'))
    const best = events.filter((event) => event['val_target'] === 'val' && event.step === kept.step)
    expect(best.map(({ accuracy }) => accuracy)).toEqual([judgePairs(kept.scores).accuracy])
    expect(train.describe(result)).toEqual([
      'trained 8 steps',
      expect.stringMatching(/^val: highest accuracy \d\.\d{5}$/),
      expect.stringMatching(/model\.onnx: the best on validation, step \d+, accuracy \d\.\d{4}$/),
    ])
    const model = await openModel(result.model)
    expect(model).toMatchObject({ embeddingSize: 16, inputSize: { height: 32, width: 32 } })
    await model.close()
  })

  it.each([3, 4, 5])(
    'goes on to the same bits when it was stopped after step %i and is started again',
    async (step) => {
      const run = `stopped-${step}`
      await stoppedAfter(step, { run })
      expect(await readdir(path(run, 'checkpoints'))).toContain(`step-${step}`)
      await attempt({ run })
      expect(said[2]).toBe(`going on at step ${step} of the run in ${path(run)}`)
      expect(await logOf(run)).toEqual(await logOf('whole'))
      expect(await curvesOf(run)).toEqual(await curvesOf('whole'))
      expect(await artifactsOf(run)).toEqual(await artifactsOf('whole'))
    },
  )

  it('takes the same steps for any number of workers', async () => {
    await attempt({ run: 'workers', set: ['num_workers=3'] })
    expect(await logOf('workers')).toEqual(await logOf('whole'))
  })

  it('keeps a finished run unless told to resume or replace it', async () => {
    await expect(attempt({ run: 'whole' })).rejects.toThrow(
      `${path('whole')} holds a run: --resume goes on with it, --replace starts again`,
    )
    const set = ['num_epoch=3']
    await expect(attempt({ run: 'workers', set })).rejects.toBeInstanceOf(UsageError)
    expect(await attempt({ run: 'workers', set, resume: true })).toMatchObject({ steps: 12 })
    expect(said[2]).toContain('going on at step 8')
    expect(await attempt({ run: 'workers', set: ['max_steps=2'] }, { replace: true })).toMatchObject({
      steps: 2,
    })
    expect(await readdir(path('workers', 'checkpoints'))).toEqual(['step-2'])
  })

  it('keeps the model of a finished run until the next one has its own', async () => {
    const before = await readFile(path('workers', 'model.onnx'))
    const set = ['lr=1e30']
    await expect(attempt({ run: 'workers', set }, { replace: true })).rejects.toThrow('training diverged')
    expect((await readFile(path('workers', 'model.onnx'))).equals(before)).toBe(true)
    expect(await readdir(path('workers', 'checkpoints'))).toEqual([])
  })

  it('does not go on with another network', async () => {
    await expect(attempt({ run: 'whole', set: ['embedding_size=8'], resume: true })).rejects.toThrow(
      /cannot resume: its network and embedding_size were .*16\], now they are .*8\]/,
    )
  })

  it('starts from the beginning where there is nothing to resume', async () => {
    const { weights } = await attempt({ run: 'fresh', resume: true, set: ['max_steps=2'], val_targets: [] })
    expect(said[2]).toContain('has no checkpoint: starting from the beginning')
    expect(weights).toMatchObject({ which: 'last', step: 2 })
  })

  it('gives the network as it was initialised where no step is asked for', async () => {
    const { model, weights } = await attempt({ run: 'untrained', set: ['max_steps=0'], val_targets: [] })
    expect(weights).toMatchObject({ which: 'last', step: 0 })
    await (await openModel(model)).close()
  })

  it('learns', async () => {
    await attempt({ run: 'learns', set: ['num_epoch=6', 'frequent=4', 'lr=0.05'], val_targets: [] })
    const losses = (await logOf('learns')).map(({ loss }) => loss as number)
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 5)
  })

  it('stops where the loss is no number, and leaves no checkpoint of it', async () => {
    const set = ['lr=1e30', 'num_epoch=1']
    const error = await attempt({ run: 'diverged', set, val_targets: [] }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FacedataError)
    expect((error as Error).message).toMatch(
      /training diverged at step \d: .*\n {2}records of the batch: \d+(, \d+){7}\n.*\n {2}- a learning rate too high/,
    )
    expect(await readdir(path('diverged', 'checkpoints'))).toEqual([])
  })

  it('finds what is missing before it trains', async () => {
    await expect(attempt({ run: 'none', val_targets: ['lfw'] })).rejects.toThrow(
      "val_targets: there is no 'lfw'",
    )
    await expect(attempt({ run: 'none', dataset: join(folder, 'nothing') })).rejects.toBeInstanceOf(
      InputError,
    )
    await expect(attempt({ run: 'none', set: ['batch_size=64'] })).rejects.toThrow('less than one batch')
    await expect(attempt({ run: 'none', set: ['batchsize=64'] })).rejects.toThrow(
      "nearest valid key is 'batch_size'",
    )
    await writeTinyBin(join(folder, 'large.bin'), { ...tiny, size: 48 }, 20)
    await expect(attempt({ run: 'none', val_targets: ['large'] })).rejects.toThrow(
      'expected 32x32, found 48x48',
    )
    await expect(readdir(path('none'))).rejects.toThrow('ENOENT')
  })

  it('names what it reads and writes, also before an earlier step has made it', async () => {
    expect(await train.inputs(options({ run: 'graph' }))).toEqual([
      { path: join(folder, 'tiny'), kind: 'dataset' },
      { path: join(folder, 'val.bin'), kind: 'file' },
    ])
    const later = {
      ...options({ run: 'graph' }),
      datasets: folder,
      dataset: 'umd+ms1m',
      val_targets: ['lfw.bin'],
    }
    expect(await train.inputs(later)).toEqual([
      { path: join(folder, 'umd+ms1m'), kind: 'dataset' },
      { path: join(process.cwd(), 'lfw.bin'), kind: 'file' },
    ])
    expect(train.output(options({ run: 'graph' }))).toEqual({ path: path('graph'), kind: 'run' })
  })

  it('lists the configs there are where none is named and there is no train.yaml', async () => {
    const before = process.cwd()
    await mkdir(join(folder, 'empty', 'configs'), { recursive: true })
    await writeFile(join(folder, 'empty', 'configs', 'small.yaml'), '')
    process.chdir(join(folder, 'empty'))
    try {
      expect(() => train.output({})).toThrow(`There are: ${join('configs', 'small.yaml')}`)
    } finally {
      process.chdir(before)
    }
  })
})
