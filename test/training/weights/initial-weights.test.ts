import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import { AtomicFile } from '../../../src/io/index.js'
import { type BackboneSize, type MobileFaceNetShape, mobilefacenet } from '../../../src/network/index.js'
import { type Tensor, writeSafetensors } from '../../../src/safetensors/index.js'
import type { IdentityNames } from '../../../src/training/checkpoints/identity-names.js'
import { readInitialWeights } from '../../../src/training/weights/index.js'
import { makePytorch, type Pickled, type PlainTensor, stateDict } from '../../pytorch/make-pytorch.js'
import { weightsOf } from './named.js'

type Sizes = MobileFaceNetShape & BackboneSize

const SIZES: Sizes = { blocks: [1, 0, 0, 0], scale: 1, embeddingSize: 16, imageSize: 32 }
const backbone = mobilefacenet(SIZES)
const weights = weightsOf(backbone)
const FIRST = 'layers.0.layers.0.weight'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-init-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A checkpoint as train_v2.py saves it, with `rows` class centres. */
function upstreamCheckpoint(rows: number): Buffer {
  const network = stateDict(weights as ReadonlyMap<string, PlainTensor>)
  const centres = { shape: [rows, 16], data: new Float32Array(rows * 16).fill(0.25) }
  const head = stateDict(new Map([['weight', centres]]), network.value.size)
  return makePytorch({
    value: new Map<string, Pickled>([
      ['epoch', 3],
      ['state_dict_backbone', network.value],
      ['state_dict_softmax_fc', head.value],
    ]),
    storages: { ...network.storages, ...head.storages },
  })
}

async function writeFileOf(path: string, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const file = await AtomicFile.create(path)
  await writeSafetensors(file, tensors)
  await file.commit()
}

/** What training would begin with, and what the log says. */
async function begin(path: string, names: IdentityNames = Array(6).fill(undefined), network = backbone) {
  const said: string[] = []
  const log = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) }
  const initialState = async () =>
    new Map([
      ['head.weight', { shape: [names.length, 16], data: new Float32Array(names.length * 16).fill(-1) }],
    ])
  const state = await readInitialWeights({ path, backbone: network, names, initialState }, log)
  return { state, said }
}

describe('readInitialWeights', () => {
  it("takes the backbone of arcface_torch's model.pt; centres start at random", async () => {
    const path = join(folder, 'model.pt')
    await writeFile(path, makePytorch(stateDict(weights as ReadonlyMap<string, PlainTensor>)))
    const { state, said } = await begin(path)
    expect(state.size).toBe(weights.size)
    expect(state.get(`backbone.${FIRST}`)!.data).toEqual(weights.get(FIRST)!.data)
    expect(said).toEqual([`init: backbone of ${path}`, 'init: no class centres there; they start at random'])
  })

  it('takes the centres of a checkpoint by label where it has as many as there are identities', async () => {
    const path = join(folder, 'checkpoint_gpu_0.pt')
    await writeFile(path, upstreamCheckpoint(6))
    const { state, said } = await begin(path)
    expect(state.get('head.weight')).toEqual({ shape: [6, 16], data: new Float32Array(96).fill(0.25) })
    expect(said[1]).toBe('init: 6 class centres, by label: identity N of the dataset takes row N')
  })

  it("leaves a GPU's share of the centres, and says so", async () => {
    const path = join(folder, 'share.pt')
    await writeFile(path, upstreamCheckpoint(3))
    const { state, said } = await begin(path)
    expect(state.has('head.weight')).toBe(false)
    expect(said[1]).toContain('the class centres are not taken: there are 3, the dataset has 6 identities')
  })

  it('takes the last checkpoint of a run, or one checkpoint', async () => {
    for (const step of [4, 12]) {
      const checkpoint = join(folder, 'run', 'checkpoints', `step-${step}`)
      await mkdir(checkpoint, { recursive: true })
      await writeFileOf(join(checkpoint, 'backbone.safetensors'), weightsOf(backbone, step))
      const centres: Tensor = { dtype: 'F32', shape: [6, 16], data: new Float32Array(96).fill(step) }
      await writeFileOf(join(checkpoint, 'head.safetensors'), new Map([['weight', centres]]))
    }
    const last = await begin(join(folder, 'run'))
    expect(last.state.get(`backbone.${FIRST}`)!.data).toEqual(weightsOf(backbone, 12).get(FIRST)!.data)
    expect(last.state.get('head.weight')!.data[0]).toBe(12)
    const first = await begin(join(folder, 'run', 'checkpoints', 'step-4'))
    expect(first.state.get('head.weight')!.data[0]).toBe(4)
  })

  it('takes the centres of a checkpoint with names by name; people who are new start as they would', async () => {
    const checkpoint = join(folder, 'named')
    await mkdir(checkpoint)
    await writeFileOf(join(checkpoint, 'backbone.safetensors'), weights)
    const data = Float32Array.from({ length: 3 * 16 }, (_, at) => Math.floor(at / 16))
    await writeFileOf(
      join(checkpoint, 'head.safetensors'),
      new Map([['weight', { dtype: 'F32', shape: [3, 16], data }]]),
    )
    await writeFile(join(checkpoint, 'identities.jsonl'), '"ann"\n"bob"\n"cleo"\n')
    const { state, said } = await begin(checkpoint, ['cleo', 'dan', 'ann', 'eve'])
    const rows = [0, 1, 2, 3].map((row) => state.get('head.weight')!.data[16 * row])
    expect(rows).toEqual([2, -1, 0, -1])
    expect(said[1]).toBe(
      'init: 2 people keep their class centres, by name; 2 are new and start at random; 1 are not in the dataset',
    )
    const strangers = await begin(checkpoint, ['fay', 'gus', 'hal'])
    expect(strangers.state.has('head.weight')).toBe(false)
    await writeFile(join(checkpoint, 'identities.jsonl'), '"ann"\n"bob"\n')
    await expect(begin(checkpoint, ['ann'])).rejects.toThrow('as many class centres as names of identities')
  })

  it('refuses another embedding size, image size or network in words', async () => {
    const path = join(folder, 'backbone.safetensors')
    await writeFileOf(path, weights)
    const other = (change: Partial<Sizes>) =>
      begin(path, undefined, mobilefacenet({ ...SIZES, ...change })).catch((error: unknown) => {
        expect(error).toBeInstanceOf(UsageError)
        return (error as UsageError).message
      })
    expect(await other({ embeddingSize: 32 })).toBe(
      `init: ${path} makes embeddings of 16 numbers, the config's embedding_size is 32. Set embedding_size: 16, or start without init`,
    )
    expect(await other({ imageSize: 48 })).toBe(
      `init: ${path} is a network for images of 32x32 pixels, the dataset's are 48x48`,
    )
    expect(await other({ blocks: [1, 1, 0, 0] })).toContain(
      'holds {"name":"mbf","blocks":[1,0,0,0],"scale":1}, which the config\'s network is not',
    )
  })

  it('says what is no source of weights', async () => {
    await expect(begin(join(folder, 'none.pt'))).rejects.toThrow('init: there is no such file or run')
    await expect(begin(join(folder, 'run', 'checkpoints'))).rejects.toThrow(
      'holds neither a checkpoint nor a run that has one',
    )
    await writeFile(join(folder, 'model.onnx'), 'x')
    await expect(begin(join(folder, 'model.onnx'))).rejects.toThrow(
      'expected .pt, .pth, .safetensors, or the folder',
    )
    await writeFile(join(folder, 'list.pt'), makePytorch({ value: new Map([['net', 1]]) }))
    await expect(begin(join(folder, 'list.pt'))).rejects.toThrow(
      'holds no weights of a backbone: expected a state_dict, or a checkpoint with state_dict_backbone, found a dict with "net"',
    )
  })
})
