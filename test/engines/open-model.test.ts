import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbedderOptions, exportModel, openModel, type State } from '../../src/engines/index.js'
import { InputError, UsageError } from '../../src/errors/index.js'
import { initialValues, mobilefacenet, parametersOf } from '../../src/network/index.js'
import { encodeModel, type OnnxModel } from '../../src/onnx/index.js'
import { testData } from '../oracles/data.js'

let folder: string
let written = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-model-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A model whose embedding is the mean of each channel of a 4x4 image. */
function channelMeans(changes: Partial<OnnxModel> = {}, batch: number | string = 'N'): OnnxModel {
  return {
    name: 'means',
    nodes: [
      { op: 'ReduceMean', inputs: ['image'], outputs: ['means'], attributes: { axes: [2, 3], keepdims: 0 } },
    ],
    inputs: [{ name: 'image', elementType: 'float32', shape: [batch, 3, 4, 4] }],
    outputs: [{ name: 'means', elementType: 'float32', shape: [batch, 3] }],
    initializers: [],
    metadata: new Map(),
    ...changes,
  }
}

async function write(model: OnnxModel): Promise<string> {
  const path = join(folder, `${written++}.onnx`)
  await writeFile(path, Buffer.concat(encodeModel(model)))
  return path
}

/** An image whose red, green and blue are all 10, 20 and 30. */
const image = Uint8Array.from({ length: 48 }, (_, i) => 10 * (1 + Math.floor(i / 16)))

async function embedding(model: OnnxModel, options: EmbedderOptions = {}): Promise<number[]> {
  const embedder = await openModel(await write(model), options)
  try {
    return [...(await embedder.embed(image, 1))]
  } finally {
    await embedder.close()
  }
}

describe('openModel', () => {
  it('normalises by 127.5 where nothing says otherwise', async () => {
    const values = await embedding(channelMeans())
    expect(values.map((value) => value * 127.5 + 127.5)).toEqual(
      [10, 20, 30].map((value) => expect.closeTo(value, 3)),
    )
  })

  it('follows the metadata, and the options before it', async () => {
    const metadata = new Map([...Object.entries({ color: 'bgr', mean: '10', std: '2' })])
    expect(await embedding(channelMeans({ metadata }))).toEqual([10, 5, 0])
    expect(await embedding(channelMeans({ metadata }), { color: 'rgb', mean: 0, std: 1 })).toEqual([
      10, 20, 30,
    ])
  })

  it.each([['N'], [4], [1]])('embeds any count with a batch of %s', async (batch) => {
    const embedder = await openModel(await write(channelMeans({}, batch)), { mean: 0, std: 1, batchSize: 3 })
    const images = Uint8Array.from({ length: 7 * 48 }, (_, i) => Math.floor(i / 48))
    const embeddings = await embedder.embed(images, 7)
    expect([...embeddings]).toEqual(Array.from({ length: 21 }, (_, i) => Math.floor(i / 3)))
    await expect(embedder.embed(images, 6)).rejects.toThrow(UsageError)
    await embedder.close()
  })

  it('does not take older models’ weights among the inputs for inputs', async () => {
    const offset = { name: 'offset', elementType: 'float32', shape: [1] } as const
    const model = channelMeans()
    const path = await write({
      ...model,
      nodes: [...model.nodes, { op: 'Add', inputs: ['means', 'offset'], outputs: ['sum'], attributes: {} }],
      inputs: [...model.inputs, offset],
      outputs: [{ name: 'sum', elementType: 'float32', shape: ['N', 3] }],
      initializers: [{ ...offset, bytes: new Uint8Array(Float32Array.of(0.5).buffer) }],
    })
    const embedder = await openModel(path, { mean: 0, std: 1 })
    expect([...(await embedder.embed(image, 1))]).toEqual([10.5, 20.5, 30.5])
    await embedder.close()
  })

  it('refuses what is no face embedder, in words', async () => {
    const open = async (model: OnnxModel) => openModel(await write(model))
    const [input] = channelMeans().inputs
    await expect(open(channelMeans({ inputs: [{ ...input!, shape: ['N', 1, 4, 4] }] }))).rejects.toThrow(
      /one input float32 \[batch, 3, height, width\], found image float32 \[N, 1, 4, 4\]/,
    )
    await expect(open(channelMeans({ metadata: new Map([['std', 'wide']]) }))).rejects.toThrow(
      /no number as std/,
    )
    const unknown = [{ ...channelMeans().nodes[0]!, op: 'NoSuchOperator' }]
    await expect(open(channelMeans({ nodes: unknown }))).rejects.toThrow(
      /onnxruntime .* cannot load the model/,
    )
  })

  it('refuses files that are no model', async () => {
    const path = join(folder, 'text.onnx')
    await writeFile(path, 'version https://git-lfs.github.com/spec/v1\n')
    await expect(openModel(path)).rejects.toThrow(InputError)
    await writeFile(path, '')
    await expect(openModel(path)).rejects.toThrow(/holds no graph/)
    await expect(openModel(join(folder, 'absent.onnx'))).rejects.toThrow(/no such file/)
  })

  it.skipIf(testData() === undefined)('opens a foreign model (needs ../shared/data)', async () => {
    const embedder = await openModel(join(testData()!, 'models/mobilefacenet_192.onnx'))
    expect(embedder.inputSize).toEqual({ height: 112, width: 112 })
    expect(embedder.embeddingSize).toBe(192)
    await embedder.close()
  })
})

describe('exportModel', () => {
  const backbone = mobilefacenet({ blocks: [1, 0, 0, 0], scale: 1, embeddingSize: 8, imageSize: 16 })
  const state: State = new Map(
    parametersOf(backbone.nodes).map((parameter, position) => [
      `backbone.${parameter.name}`,
      { shape: parameter.shape, data: initialValues(parameter, 1, position) },
    ]),
  )

  it('writes the same bytes for the same state', async () => {
    const paths = [join(folder, 'a.onnx'), join(folder, 'b.onnx')]
    for (const path of paths) {
      await exportModel(backbone, state, path, {
        color: 'rgb',
        mean: 127.5,
        std: 127.5,
        metadata: { step: '12' },
      })
    }
    const [a, b] = await Promise.all(paths.map((path) => readFile(path)))
    expect(a!.equals(b!)).toBe(true)
  })

  it('refuses a state of another network', async () => {
    const other = new Map(state)
    other.delete('backbone.conv_sep.layers.0.weight')
    const description = { color: 'rgb', mean: 127.5, std: 127.5 } as const
    await expect(exportModel(backbone, other, join(folder, 'c.onnx'), description)).rejects.toThrow(
      /conv_sep.layers.0.weight must have 65536 values; the state has none/,
    )
  })
})
