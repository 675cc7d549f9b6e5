import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { openModel, type State } from '../../src/engines/index.js'
import { UsageError } from '../../src/errors/index.js'
import { AtomicFile } from '../../src/io/index.js'
import { type Backbone, iresnet, mobilefacenet } from '../../src/network/index.js'
import { evaluate } from '../../src/stages/evaluate/evaluate.js'
import { exportStage } from '../../src/stages/export/export.js'
import { train } from '../../src/stages/train/train.js'
import { writeBackbone } from '../../src/training/checkpoints/backbone-file.js'
import { readCheckpoint } from '../../src/training/checkpoints/checkpoint.js'
import { localRun } from '../cluster/local-run.js'
import { oracle, runOracle } from '../oracles/python.js'
import { makePytorch, type PlainTensor, stateDict } from '../pytorch/make-pytorch.js'
import { tinyImage, writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'
import { weightsOf } from '../training/weights/named.js'

const tiny = { identities: 6, imagesEach: 6, size: 32 }
const BLOCKS = [2, 1, 1, 0] as const
const network = { name: 'mbf', blocks: [...BLOCKS], scale: 1 }
const weights = weightsOf(mobilefacenet({ blocks: BLOCKS, scale: 1, embeddingSize: 16, imageSize: 32 }))

let folder: string
let said: string[] = []
const log = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-foreign-'))
  await writeTinyDataset(join(folder, 'tiny'), tiny)
  await writeTinyBin(join(folder, 'val.bin'), tiny, 20)
  await writeFile(
    join(folder, 'ours.pt'),
    makePytorch(stateDict(weights as ReadonlyMap<string, PlainTensor>)),
  )
  await writeFile(
    join(folder, 'tiny.yaml'),
    'network: {name: mbf, blocks: [2, 1, 1, 0], scale: 1}\nembedding_size: 16\nbatch_size: 8\nnum_epoch: 1\nlr: 0.02\nnum_workers: 1\n',
  )
})
afterAll(() => rm(folder, { recursive: true }))

/** Embeddings of five images by a model. */
async function embeddings(model: string): Promise<Float32Array> {
  const embedder = await openModel(model)
  const found = await embedder.embed(images(), 5)
  await embedder.close()
  return found
}

/** Equal to 1e-4 of the largest value. */
function expectClose(found: Float32Array, expected: readonly number[], name: string): void {
  expect(found.length).toBe(expected.length)
  const largest = Math.max(...expected.map(Math.abs))
  for (const [i, value] of found.entries()) {
    expect(Math.abs(value - expected[i]!) / largest, name).toBeLessThan(1e-4)
  }
}

/** Random weights as a session has them. */
function stateOf(backbone: Backbone): State {
  return new Map(
    [...weightsOf(backbone)].map(([name, { shape, data }]) => {
      return [`backbone.${name}`, { shape, data: Float32Array.from(data as Float32Array, Number) }]
    }),
  )
}

function images(): Uint8Array {
  const planes = new Uint8Array(5 * 3 * 1024)
  for (let i = 0; i < 5; i++) {
    const { data } = tinyImage(tiny, i, 99)
    for (const [at, value] of data.entries()) planes[(3 * i + (at % 3)) * 1024 + Math.floor(at / 3)] = value
  }
  return planes
}

async function exported(file: string): Promise<string> {
  const output = join(folder, `${file}.onnx`)
  await runStage(exportStage, { run: join(folder, file), output }, localRun({ replace: true }))
  return output
}

function training(run: string, set: string[], init?: string) {
  said = []
  const options = {
    config: join(folder, 'tiny.yaml'),
    dataset: join(folder, 'tiny'),
    output: join(folder, run),
    set,
    ...(init === undefined ? {} : { init }),
  }
  return runStage(train, options, localRun({ log }))
}

describe('weights of PyTorch', () => {
  it('are exported, and what was found in them is told', async () => {
    const output = join(folder, 'ours.onnx')
    const result = await runStage(exportStage, { run: join(folder, 'ours.pt'), output }, localRun())
    expect(result).toEqual({ which: 'file', model: output, network, embedding_size: 16, imageSize: 32 })
    expect(exportStage.describe(result)).toEqual([
      '{"name":"mbf","blocks":[2,1,1,0],"scale":1}, 16 numbers an embedding, 32x32 pixels',
    ])
  })

  it('are judged by bins as the model that is exported from them', async () => {
    const inputs = [join(folder, 'val.bin')]
    const ofFile = await runStage(
      evaluate,
      evaluate.options.parse({ model: join(folder, 'ours.pt'), inputs }),
      localRun(),
    )
    const ofModel = await runStage(
      evaluate,
      evaluate.options.parse({ model: await exported('ours.pt'), inputs }),
      localRun(),
    )
    expect(ofFile.bins).toEqual(ofModel.bins)
  })

  it('have no best and no last', async () => {
    const options = { run: join(folder, 'ours.pt'), output: join(folder, 'no.onnx'), last: true }
    await expect(runStage(exportStage, options, localRun())).rejects.toBeInstanceOf(UsageError)
    const missing = { ...options, run: join(folder, 'none.pt'), last: false }
    await expect(runStage(exportStage, missing, localRun())).rejects.toThrow('there is no such file')
  })
})

describe('train --init', () => {
  it('begins with the weights of the file, which lies beside the config', async () => {
    await training('begun', ['max_steps=0', 'init=ours.pt'])
    const { state } = await readCheckpoint(join(folder, 'begun', 'checkpoints'), 0)
    for (const [name, { data }] of weights) {
      if (data instanceof Float32Array) expect(state.get(`backbone.${name}`)!.data, name).toEqual(data)
    }
    expect(said).toContain(`init: backbone of ${join(folder, 'ours.pt')}`)
  })

  it('trains on from a run with its class centres; the run that goes on says that it ignores init', async () => {
    await training('first', ['max_steps=2'])
    const source = join(folder, 'first')
    await training('second', ['max_steps=0'], source)
    const before = await readCheckpoint(join(source, 'checkpoints'), 2)
    const after = await readCheckpoint(join(folder, 'second', 'checkpoints'), 0)
    expect(after.state.get('head.weight')!.data).toEqual(before.state.get('head.weight')!.data)
    const kept = [...after.state].filter(([name]) => name.startsWith('optimizer.head.weight'))
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.every(([, { data }]) => data.every((value) => value === 0))).toBe(true)
    await training('second', ['max_steps=1', 'resume=true'], join(folder, 'gone.pt'))
    expect(said).toContain(
      `init is ignored: the run goes on from its own weights, not from ${join(folder, 'gone.pt')}`,
    )
  })

  it('leaves the run that is replaced alone where the weights cannot be used', async () => {
    const options = {
      config: join(folder, 'tiny.yaml'),
      dataset: join(folder, 'tiny'),
      output: join(folder, 'first'),
      init: join(folder, 'none.pt'),
    }
    await expect(runStage(train, options, localRun({ replace: true }))).rejects.toThrow(
      'init: there is no such file or run',
    )
    await expect(readCheckpoint(join(folder, 'first', 'checkpoints'), 2)).resolves.toBeDefined()
  })
})

describe.skipIf(oracle('torch') === undefined)('against PyTorch (needs the torch oracle)', () => {
  it('embeds as PyTorch with the same files: state_dict, parallel wrapper, checkpoint, float16', async () => {
    await writeFile(join(folder, 'images.bin'), images())
    const expected = JSON.parse(await runOracle('torch', 'foreign_weights.py', folder))
    for (const file of ['model.pt', 'wrapped.pt', 'checkpoint_gpu_0.pt', 'half.pt']) {
      const values: number[] = file === 'half.pt' ? expected.half : expected.full
      expectClose(await embeddings(await exported(file)), values, file)
    }
    const difference = expected.full.map((value: number, i: number) => Math.abs(value - expected.half[i]))
    expect(Math.max(...difference)).toBeGreaterThan(0)
  })

  it("loads an IResNet's backbone.safetensors by name, strictly, and embeds the same", async () => {
    const layers = [1, 2, 1, 1] as const
    const file = await AtomicFile.create(join(folder, 'iresnet.safetensors'))
    const info = { step: 3, height: 32, width: 32, accuracy: undefined }
    await writeBackbone(file, stateOf(iresnet({ layers, embeddingSize: 16, imageSize: 32 })), info)
    await file.commit()
    await writeFile(join(folder, 'images.bin'), images())
    await writeFile(
      join(folder, 'network.json'),
      JSON.stringify({ layers, embedding_size: 16, image_size: 32 }),
    )
    const files = ['iresnet.safetensors', 'network.json', 'images.bin'].map((name) => join(folder, name))
    const torch = JSON.parse(await runOracle('torch', 'checkpoint_load.py', ...files))
    expect(torch.batches).toEqual([7])
    expectClose(await embeddings(await exported('iresnet.safetensors')), torch.embeddings, 'iresnet')
  })
})
