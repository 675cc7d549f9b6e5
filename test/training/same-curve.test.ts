import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Dataset } from '../../src/dataset/index.js'
import { createTrainingSession, type State } from '../../src/engines/index.js'
import { createXxh64, hashToHex } from '../../src/hash/xxh64.js'
import { iresnets, type MarginHead, mobilefacenets, namedBackbone } from '../../src/network/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { Loader } from '../../src/training/loading/loader.js'
import { Sampler } from '../../src/training/loading/sampler.js'
import { readTrainingImages, type TrainingImages } from '../../src/training/loading/training-images.js'
import { askPytorch, readGolden } from '../engines/golden.js'
import { testData } from '../oracles/data.js'
import { oracle } from '../oracles/python.js'
import { packFolders } from '../stages/pack/packing.js'

/** PyTorch's losses, made by `FACEDATA_WRITE_GOLDEN=1 npx vitest run test/training/same-curve.test.ts`. */
interface Curve {
  /** Hash of the initial state, the images as they enter the network, and the labels. */
  inputs: string
  /** In float64. */
  losses: number[]
  /** In float32, as PyTorch rounds by default, with channels last, and without oneDNN. */
  losses32: number[][]
  /** Of the backbone's gradient before clipping. */
  norms: number[]
  /** Float64 with one thing done otherwise, fewer steps. */
  otherwise: Record<string, number[]>
}

const batch = 8
/** Small images: PyTorch's float64 takes minutes as it is. */
const size = { embeddingSize: 512, imageSize: 48 }
const learningRate = 0.05
/** Ten times upstream's decay: without it the curve must be another within few steps. */
const optimizer = { name: 'sgd', momentum: 0.9, weightDecay: 5e-3 } as const
const head: MarginHead = {
  margin: { name: 'arcface', m: 0.5 },
  scale: 64,
  marginGradient: 'straight-through',
  interclassFilteringThreshold: 0,
}
/**
 * Two ways to round part fast in mbf: after ten steps they are as far from each other as from anything. So that what a
 * wrong step does is seen, its curve is that of r18, where they stay together for longer.
 */
const curves = [
  { name: 'mbf', shape: mobilefacenets.mbf, steps: 50, otherwiseSteps: 0 },
  { name: 'r18', shape: iresnets.r18, steps: 10, otherwiseSteps: 3 },
] as const

const CHANGES = ['momentum 0', 'decay 0', 'no clipping', 'the other margin gradient']

const data = testData()
let images: TrainingImages

describe.skipIf(data === undefined)('the loss curve on real photos (needs ../shared/data)', () => {
  beforeAll(async () => {
    const { output } = await packFolders([join(data!, 'lfw')], { size: size.imageSize })
    const dataset = await Dataset.open(output)
    images = await readTrainingImages(dataset, { batch_size: batch }, silentLog)
    await dataset.close()
  })

  describe.each(curves)('of $steps steps of $name', ({ name, shape, steps, otherwiseSteps }) => {
    const golden = `same_curve_${name}.json`
    const losses: number[] = []
    const norms: number[] = []
    let inputs: string

    beforeAll(async () => {
      const session = await createTrainingSession({
        backbone: namedBackbone(name, {}, size),
        head,
        optimizer,
        batchSize: batch,
        classes: images.classes,
        seed: 5,
        provider: 'cpu',
        threads: 2,
      })
      const folder = await mkdtemp(join(tmpdir(), 'facedata-curve-'))
      const sampler = new Sampler({ images: images.count, batchSize: batch, seed: 5, flip: 0.5 })
      const loader = new Loader(images, sampler, 1)
      try {
        const start = startOf(await session.state())
        await session.load(start)
        const written = await InputFiles.create(folder, start)
        for await (const { images: pixels, labels } of loader.batches(0, steps)) {
          await written.add(pixels, labels)
          const result = await session.step({ images: pixels, labels, learningRate })
          losses.push(result.loss)
          norms.push(result.gradientNorm)
        }
        inputs = await written.close()
        if (process.env['FACEDATA_WRITE_GOLDEN'] && oracle('torch') !== undefined) {
          const network = { ...shape, ...size }
          const request = {
            network,
            head,
            batch,
            steps,
            otherwiseSteps,
            learningRate,
            ...written.request,
            inputs,
          }
          await askPytorch<Curve>('same_curve.py', request, golden)
        }
      } finally {
        await loader.close()
        await session.close()
        await rm(folder, { recursive: true })
      }
    }, 1_800_000)

    it("differs from PyTorch's by no more than three times what float32 differs from float64", async () => {
      const curve = await readGolden<Curve>(golden)
      expect(inputs, 'the inputs are others than those of the golden file: write it again').toBe(curve.inputs)
      expect(losses.length).toBe(steps)
      expect(largestExcess(losses, curve.losses, curve)).toBeLessThanOrEqual(1)
    })

    it('is clipped in some steps', async () => {
      const curve = await readGolden<Curve>(golden)
      expect(curve.norms.filter((norm) => norm > 5).length).toBeGreaterThan(0)
      expect(norms[0]! / curve.norms[0]!).toBeCloseTo(1, 3)
    })

    it.each(otherwiseSteps === 0 ? [] : CHANGES)('would be another with %s', async (change) => {
      const curve = await readGolden<Curve>(golden)
      const changed = curve.otherwise[change]!
      expect(largestExcess(losses.slice(0, changed.length), changed, curve)).toBeGreaterThan(1)
    })
  })
})

/**
 * The largest difference between two curves in units of what it may be: three times the largest distance of a float32
 * from float64 up to that step, plus 1e-6 of the loss. Of several ways to compute in float32, for each rounds otherwise:
 * an element on the other side of a PReLU's kink is one in the fourth digit, and not every way has it.
 */
function largestExcess(a: readonly number[], b: readonly number[], { losses, losses32 }: Curve): number {
  let rounding = 0
  let excess = 0
  for (const [step, value] of a.entries()) {
    for (const way of losses32) rounding = Math.max(rounding, Math.abs(way[step]! - losses[step]!))
    const allowed = 3 * rounding + 1e-6 * losses[step]!
    excess = Math.max(excess, Math.abs(value - b[step]!) / allowed)
  }
  return excess
}

/** Of the weights that are used up to a factor, which a BatchNorm or a normalisation takes away. */
const LENGTHENING = 50

/**
 * The initial weights, made longer. As they are drawn, a step at this rate turns them by a fifth, and a difference in
 * the last digit is one in the second after four steps: a float32 then tells nothing of the other. Longer ones turn as little
 * as those of a network that has trained for a while.
 */
function startOf(state: State): State {
  const start: State = new Map()
  for (const [name, { shape, data }] of state) {
    if (name.startsWith('optimizer.')) continue
    const factor = shape.length > 1 ? LENGTHENING : 1
    start.set(name, { shape, data: data.map((value) => factor * value) })
  }
  return start
}

/** What PyTorch is given, as files and a request, with its hash. */
class InputFiles {
  readonly request: {
    stateFile: string
    imagesFile: string
    state: { name: string; shape: readonly number[] }[]
    labels: number[][]
  }
  readonly #hash = createXxh64()
  readonly #images: Awaited<ReturnType<typeof open>>

  private constructor(folder: string, images: Awaited<ReturnType<typeof open>>, state: State) {
    this.#images = images
    this.request = {
      stateFile: join(folder, 'state.bin'),
      imagesFile: join(folder, 'images.bin'),
      state: [...state].map(([name, { shape }]) => ({ name, shape })),
      labels: [],
    }
  }

  static async create(folder: string, state: State): Promise<InputFiles> {
    const files = new InputFiles(folder, await open(join(folder, 'images.bin'), 'w'), state)
    const tensors = [...state.values()].map(
      ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    )
    for (const tensor of tensors) files.#hash.update(tensor)
    await writeFile(files.request.stateFile, tensors)
    return files
  }

  async add(images: Uint8Array, labels: Int32Array): Promise<void> {
    this.#hash.update(images)
    this.#hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength))
    this.request.labels.push([...labels])
    await this.#images.writeFile(images)
  }

  async close(): Promise<string> {
    await this.#images.close()
    return hashToHex(this.#hash.digest())
  }
}
