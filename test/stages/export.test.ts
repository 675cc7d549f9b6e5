import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { createTrainingSession, openModel } from '../../src/engines/index.js'
import { UsageError } from '../../src/errors/index.js'
import { marginOfList } from '../../src/network/index.js'
import { exportStage } from '../../src/stages/export/export.js'
import { train } from '../../src/stages/train/train.js'
import { backboneOf } from '../../src/training/backbone.js'
import { readCheckpoint } from '../../src/training/checkpoints/checkpoint.js'
import { loadConfig } from '../../src/training/index.js'
import { localRun } from '../cluster/local-run.js'
import { oracle, runOracle } from '../oracles/python.js'
import { tinyImage, writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'

const tiny = { identities: 6, imagesEach: 6, size: 32 }

const CONFIG = `
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 16
batch_size: 8
num_epoch: 2
lr: 0.02
num_workers: 1
`

let folder: string
let run: string
const local = localRun()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-export-'))
  run = join(folder, 'run')
  await writeTinyDataset(join(folder, 'tiny'), tiny)
  await writeTinyBin(join(folder, 'val.bin'), tiny, 20)
  await writeFile(join(folder, 'tiny.yaml'), CONFIG)
  const options = {
    config: join(folder, 'tiny.yaml'),
    dataset: join(folder, 'tiny'),
    val_targets: ['val'],
    output: run,
  }
  await runStage(train, options, local)
})
afterAll(() => rm(folder, { recursive: true }))

/** Images as a session and an embedder take them. */
function images(count: number): Uint8Array {
  const planes = new Uint8Array(count * 3 * 32 * 32)
  for (let i = 0; i < count; i++) {
    const { data } = tinyImage(tiny, i, 99)
    for (const [at, value] of data.entries()) planes[(3 * i + (at % 3)) * 1024 + Math.floor(at / 3)] = value
  }
  return planes
}

/** Five embeddings, equal to 1e-4 of the largest value. */
function expectClose(actual: Float32Array, expected: ArrayLike<number>): void {
  expect(expected.length).toBe(5 * 16)
  const largest = Math.max(...Array.from(expected, Math.abs))
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i]!) / largest).toBeLessThan(1e-4)
}

describe('export', () => {
  it('writes the best weights on validation, as training itself does', async () => {
    const output = join(folder, 'best.onnx')
    const result = await runStage(exportStage, { run, output }, local)
    expect(result).toMatchObject({ model: output, which: 'best' })
    expect((await readFile(output)).equals(await readFile(join(run, 'model.onnx')))).toBe(true)
  })

  it('writes a model that embeds as the training session does', async () => {
    const output = join(folder, 'last.onnx')
    expect(await runStage(exportStage, { run, output, last: true }, local)).toMatchObject({
      which: 'last',
      step: 8,
    })
    const model = await openModel(output)
    const exported = await model.embed(images(5), 5)
    await model.close()

    const { config } = loadConfig(join(run, 'config.yaml'))
    const session = await createTrainingSession({
      backbone: backboneOf(config, { height: 32, width: 32 }),
      head: {
        margin: marginOfList(config.margin_list),
        scale: 64,
        marginGradient: 'exact',
        interclassFilteringThreshold: 0,
      },
      optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 0 },
      batchSize: 8,
      classes: 6,
      seed: 1,
    })
    await session.load((await readCheckpoint(join(run, 'checkpoints'), 8)).state)
    const trained = await session.embed(images(5))
    await session.close()
    expect(exported.length).toBe(5 * 16)
    const largest = Math.max(...trained.map(Math.abs))
    for (const [i, value] of exported.entries())
      expect(Math.abs(value - trained[i]!) / largest).toBeLessThan(1e-4)
  })

  describe.skipIf(oracle('torch') === undefined)('against PyTorch (needs the torch oracle)', () => {
    it('has a backbone that loads by name and embeds the same', async () => {
      const model = await openModel(join(run, 'model.onnx'))
      const best = await model.embed(images(5), 5)
      await model.close()
      const network = { blocks: [1, 0, 0, 0], scale: 1, embedding_size: 16, image_size: 32 }
      await writeFile(join(folder, 'network.json'), JSON.stringify(network))
      await writeFile(join(folder, 'images.bin'), images(5))
      const files = [join(run, 'best.safetensors'), join(folder, 'network.json'), join(folder, 'images.bin')]
      const torch = JSON.parse(await runOracle('torch', 'checkpoint_load.py', ...files))
      expect([4, 8]).toContain(torch.batches[0])
      expect(torch.batches.length).toBe(1)
      expectClose(best, torch.embeddings)
    })
  })

  it('writes over a model only if told to', async () => {
    const output = join(folder, 'twice.onnx')
    await runStage(exportStage, { run, output }, local)
    const again = { run, output, last: true }
    await expect(runStage(exportStage, again, local)).rejects.toThrow(
      `${output} exists. Choose another output, or give --replace`,
    )
    expect(await runStage(exportStage, again, { ...local, replace: true })).toMatchObject({ which: 'last' })
  })

  it('refuses a folder without a run, and a run without weights', async () => {
    const output = join(folder, 'none.onnx')
    const none = runStage(exportStage, { run: join(folder, 'nothing'), output }, local)
    await expect(none).rejects.toBeInstanceOf(UsageError)
    await writeFile(join(folder, 'config.yaml'), CONFIG)
    await expect(runStage(exportStage, { run: folder, output }, local)).rejects.toThrow(
      'has no checkpoint yet',
    )
  })
})
