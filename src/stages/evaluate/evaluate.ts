import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openModel } from '../../engines/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import { exportFile, isWeightsFile } from '../../training/index.js'
import { evaluateBin, readBin, type Verification } from '../../verification/index.js'
import { embedderOptions } from '../model-options.js'
import { defineStage, type Output, type ShardResult, type StageContext } from '../stage.js'
import { binPlaces, locateBin, locateModel } from './locate.js'
import { type EvaluateOptions, evaluateOptions } from './options.js'

/** All bins: the engine's threads are its own, so that there is nothing to cut. */
interface EvaluateShard {
  options: EvaluateOptions
  /** Absolute. */
  model: string
  bins: string[]
}

export interface EvaluateResult {
  /** As it was given. */
  model: string
  flip: boolean
  bins: Verification[]
}

const RESULT = 'result.json'
/** Of weights that are no model yet. */
const MODEL = 'model.onnx'

/** `facedata evaluate`: what a model is worth on verification bins. */
export const evaluate = defineStage<EvaluateOptions, EvaluateShard, EvaluateResult>({
  name: 'evaluate',
  summary: 'judge a model by verification bins: accuracy, TAR at FAR, ROC',
  options: evaluateOptions,

  async inputs({ model, inputs, datasets }) {
    const bins = inputs.map(async (name): Promise<string> => {
      return locateBin(name, datasets).catch(() => binPlaces(name, datasets)[0]!)
    })
    const run = (await stat(model).catch(() => undefined))?.isDirectory()
    return [
      { path: resolve(model), kind: run ? 'run' : 'file' },
      ...(await Promise.all(bins)).map((path) => ({ path, kind: 'file' as const })),
    ]
  },

  output,

  measures: ['accuracy'],

  async plan(options) {
    const model = await locateModel(options.model)
    const bins: string[] = []
    for (const name of options.inputs) bins.push(await locateBin(name, options.datasets))
    const shard = { options, model, bins }
    const stamps = await Promise.all([model, ...bins].map(async (path) => stampOf(path)))
    return {
      stage: 'evaluate',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify({ shard, stamps })))),
      options,
      output: output(options),
      shards: [shard],
    }
  },

  async work(shard, context) {
    const bins = await evaluateBins(shard, context)
    const result: EvaluateResult = { model: shard.options.model, flip: !shard.options['no-flip'], bins }
    return writeResult(result, context)
  },

  async finish({ options }, _results, { scratch, approve }) {
    const text = (await readWholeFile(join(scratch, RESULT))).toString('utf8')
    const result = JSON.parse(text) as EvaluateResult
    approve?.({ accuracy: Math.min(...result.bins.map(({ accuracy }) => accuracy)) })
    const { output: file } = options as EvaluateOptions
    if (file !== undefined) await writeFileAtomically(resolve(file), text)
    return result
  },

  describe({ bins }) {
    return bins.map(({ bin, pairs, folds, accuracy, spread, threshold, areaUnderCurve, tarAtFar }) =>
      [
        `${bin}: accuracy ${percent(accuracy)} ± ${percent(spread)} (${pairs} pairs, ${folds} folds)`,
        `threshold ${threshold.toFixed(4)}`,
        `area ${areaUnderCurve.toFixed(5)}`,
        ...tarAtFar.map(({ far, tar }) => `TAR ${percent(tar)} at FAR ${far}`),
      ].join(', '),
    )
  },
})

/** Without a file nothing is published; the scratch folder then lies among the temporary files. */
function output(options: EvaluateOptions): Output {
  const key = hashToHex(xxh64(Buffer.from(JSON.stringify(options))))
  if (options.output !== undefined) return { path: resolve(options.output), kind: 'file' }
  return { path: join(tmpdir(), `facedata-evaluate-${key}.json`), kind: 'file', temporary: true }
}

async function evaluateBins(
  { options, model, bins }: EvaluateShard,
  { progress, signal, jobs, scratch }: StageContext,
): Promise<Verification[]> {
  const onnx = isWeightsFile(model) ? join(scratch, MODEL) : model
  if (onnx !== model) await exportFile(model, onnx)
  const embedder = await openModel(onnx, embedderOptions(options, jobs))
  try {
    const results: Verification[] = []
    for (const path of bins) {
      const bin = await readBin(path)
      progress.start(`evaluating ${bin.name}`, bin.images.length, 'images')
      const onImages = (count: number): void => progress.advance(count)
      results.push(await evaluateBin(bin, embedder, { flip: !options['no-flip'], signal, onImages }))
    }
    return results
  } finally {
    await embedder.close()
  }
}

async function writeResult(result: EvaluateResult, { scratch }: StageContext): Promise<ShardResult> {
  const text = Buffer.from(`${JSON.stringify(result, null, 2)}\n`)
  await writeFileAtomically(join(scratch, RESULT), text)
  return {
    files: [{ path: RESULT, bytes: text.length, xxh64: hashToHex(xxh64(text)) }],
    done: result.bins.reduce((sum, { pairs }) => sum + 2 * pairs, 0),
    skipped: 0,
  }
}

async function stampOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path)
  return `${size} ${mtimeMs}`
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`
}
