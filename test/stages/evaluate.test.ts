import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../src/cluster/local.js'
import { InputError, UsageError } from '../../src/errors/index.js'
import { bins } from '../../src/stages/bins/bins.js'
import { type EvaluateResult, evaluate } from '../../src/stages/evaluate/evaluate.js'
import { pack } from '../../src/stages/pack/pack.js'
import type { AnyStage } from '../../src/stages/stage.js'
import { localRun } from '../cluster/local-run.js'
import { testData } from '../oracles/data.js'
import { temporaryFolder } from '../temporary-folder.js'
import { grayJpeg, writeBin } from '../verification/bins.js'
import { writeBrightnessModel } from '../verification/brightness-model.js'

function run<Result>(stage: AnyStage, given: Record<string, unknown>, local: Partial<LocalRun> = {}) {
  return runStage(stage, stage.options.parse(given), localRun(local)) as Promise<Result>
}

const judge = (given: Record<string, unknown>, local?: Partial<LocalRun>) =>
  run<EvaluateResult>(evaluate, given, local)

/** 40 pairs of bright and dark images, the same and the other in turn; labels inverted on wish. */
function brightnessBin(path: string, inverted = false): Promise<string> {
  const [dark, bright] = [40, 200]
  const images = Array.from({ length: 40 }, (_, pair) => [
    grayJpeg(dark + (pair % 7)),
    grayJpeg((pair % 2 === 0 ? dark : bright) + (pair % 5)),
  ])
  return writeBin(
    path,
    images.flat(),
    images.map((_, pair) => (pair % 2 === 0) !== inverted),
  )
}

describe('evaluate', () => {
  it('judges a model or a run by several bins, and writes the result where asked', async () => {
    const folder = temporaryFolder()
    const model = writeBrightnessModel(join(folder, 'run/model.onnx'))
    await brightnessBin(join(folder, 'datasets/right.bin'))
    const wrong = await brightnessBin(join(folder, 'wrong.bin'), true)
    const output = join(folder, 'result.json')
    const inputs = ['right', wrong]
    const datasets = join(folder, 'datasets')
    const result = await judge({ model: join(folder, 'run'), inputs, datasets, output })
    expect(result.bins.map(({ bin, accuracy, areaUnderCurve }) => [bin, accuracy, areaUnderCurve])).toEqual([
      ['right', 1, 1],
      ['wrong', 0.5, 0],
    ])
    expect(evaluate.describe(result)[0]).toMatch(
      /^right: accuracy 100\.00 % ± 0\.00 % \(40 pairs, 10 folds\), threshold 0\.\d{4}, area 1\.00000$/,
    )
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(result)

    await expect(judge({ model, inputs: [wrong], output })).rejects.toThrow(/--replace/)
    const again = await judge(
      { model, inputs: ['right'], datasets, output, 'no-flip': true },
      { replace: true },
    )
    expect([again.flip, again.bins.length]).toEqual([false, 1])
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(again)
  })

  it('writes nothing without an output', async () => {
    const folder = temporaryFolder()
    const bin = await brightnessBin(join(folder, 'x.bin'))
    const model = writeBrightnessModel(join(folder, 'model.onnx'))
    const before = existsSync(join(folder, '.scratch'))
    await judge({ model, inputs: [bin] })
    expect(existsSync(join(folder, '.scratch'))).toBe(before)
  })

  it('takes mean and std from the options over those of the model', async () => {
    const folder = temporaryFolder()
    const bin = await brightnessBin(join(folder, 'x.bin'))
    const model = writeBrightnessModel(join(folder, 'model.onnx'))
    const distances = async (options: Record<string, unknown>) =>
      (await judge({ model, inputs: [bin], ...options })).bins[0]!.roc.distances
    const plain = await distances({})
    expect(await distances({ mean: 0, std: 255 })).toEqual(plain)
    expect(await distances({ mean: 127.5, std: 127.5 })).not.toEqual(plain)
    expect(await distances({ color: 'bgr' })).toEqual(plain.map((value) => expect.closeTo(value, 5)))
  })

  it('says in words what cannot be judged', async () => {
    const folder = temporaryFolder()
    const model = writeBrightnessModel(join(folder, 'model.onnx'))
    const bin = await brightnessBin(join(folder, 'x.bin'))
    const oneClass = await writeBin(
      join(folder, 'one.bin'),
      Array.from({ length: 40 }, () => grayJpeg(9)),
      new Array<boolean>(20).fill(true),
    )
    const reason = (given: Record<string, unknown>) => judge(given).catch((error: unknown) => error as Error)
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ model, inputs: [oneClass] }, /one\.bin: all 20 pairs of the bin are same/],
      [{ model, inputs: ['nowhere'] }, /nowhere: there is no such bin\. Looked for .*nowhere\.bin/],
      [{ model: join(folder, 'none.onnx'), inputs: [bin] }, /none\.onnx: there is no such model or run/],
      [{ model: join(folder, 'empty'), inputs: [bin] }, /the run holds no model\.onnx/],
      [
        { model: writeBrightnessModel(join(folder, 'large.onnx'), 112), inputs: [bin] },
        /expected 112 x 112, found 16 x 16/,
      ],
      [
        { model: writeBrightnessModel(join(folder, 'nan.onnx'), 16, Number.NaN), inputs: [bin] },
        /not of finite numbers/,
      ],
    ]
    mkdirSync(join(folder, 'empty'))
    for (const [given, message] of cases) {
      const error = await reason(given)
      expect(error).toBeInstanceOf(InputError)
      expect((error as Error).message).toMatch(message)
    }
    expect(await reason({ model, inputs: [bin], output: folder })).toBeInstanceOf(UsageError)
  })
})

const data = testData()
describe.skipIf(data === undefined)('a real judge on real faces (needs ../shared/data)', () => {
  it('tells photos of people apart', async () => {
    const folder = temporaryFolder()
    const dataset = join(folder, 'celeb5')
    await run(pack, { inputs: [join(data!, 'celeb5/aligned')], output: dataset })
    const output = join(folder, 'celeb5.bin')
    await run(bins, { from: dataset, 'pairs-per-fold': 15, folds: 2, output })
    const { bins: verifications } = await judge(
      { model: join(data!, 'models/mobilefacenet_192.onnx'), inputs: [output] },
      { jobs: 2 },
    )
    expect(verifications[0]!.areaUnderCurve).toBeGreaterThan(0.95)
    expect(verifications[0]!.accuracy).toBeGreaterThan(0.9)
  })
})
