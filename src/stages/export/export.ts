import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { InputError, UsageError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import {
  makeDirectory,
  readWholeFile,
  renamePath,
  syncDirectory,
  writeFileAtomically,
} from '../../io/index.js'
import {
  describeFile,
  describeWeights,
  type ExportedFile,
  type ExportedWeights,
  exportFile,
  exportWeights,
  findWeights,
  isWeightsFile,
  RunDirectory,
  type RunWeights,
} from '../../training/index.js'
import { option } from '../common-options.js'
import { defineStage } from '../stage.js'

const exportOptions = z.object({
  run: option(z.string(), {
    description:
      "folder of a training run, or weights: a backbone's .safetensors, arcface_torch's model.pt or checkpoint_gpu_0.pt",
    argument: 'RUN|FILE.pt',
    positional: true,
  }),
  output: option(z.string(), { description: 'the model to write', argument: 'MODEL.onnx', short: 'o' }),
  last: option(z.boolean().optional(), { description: 'the last weights, not the best on validation' }),
})

type ExportOptions = z.output<typeof exportOptions>

interface ExportShard {
  /** Absolute. */
  run: string
  weights: RunWeights | { which: 'file'; path: string }
}

type Exported = ExportedWeights | ExportedFile

/** What was written. */
export type ExportResult = Exported & { model: string }

/** Protobuf allows no larger message. */
const LARGEST_MODEL = 2 ** 31 - 1

const MODEL = 'model.onnx'
const RESULT = 'result.json'

/** `facedata export`: the weights of a run become an ONNX model. */
export const exportStage = defineStage<ExportOptions, ExportShard, ExportResult>({
  name: 'export',
  summary: 'write the ONNX model of a training run, or of weights from PyTorch',
  options: exportOptions,

  async inputs({ run }) {
    return [{ path: resolve(run), kind: isWeightsFile(run) ? 'file' : 'run' }]
  },

  output({ output }) {
    return { path: resolve(output), kind: 'file' }
  },

  async plan(options) {
    const run = resolve(options.run)
    const weights = await weightsOf(run, options)
    const { size, mtimeMs } = await stat(weights.path)
    const shard: ExportShard = { run, weights }
    return {
      stage: 'export',
      fingerprint: hashToHex(
        xxh64(Buffer.from(JSON.stringify([shard, resolve(options.output), size, mtimeMs]))),
      ),
      options,
      output: { path: resolve(options.output), kind: 'file' },
      shards: [shard],
    }
  },

  async work({ run, weights }, { scratch }) {
    const model = join(scratch, MODEL)
    const exported =
      weights.which === 'file'
        ? await exportFile(weights.path, model)
        : await exportWeights(new RunDirectory(run), weights, model)
    await writeFileAtomically(join(scratch, RESULT), JSON.stringify(exported))
    const files = [MODEL, RESULT].map(async (path) => {
      const bytes = await readWholeFile(join(scratch, path), LARGEST_MODEL)
      return { path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
    })
    return { files: await Promise.all(files), done: 1, skipped: 0 }
  },

  async finish({ output: { path } }, _results, { scratch }) {
    const exported = JSON.parse((await readWholeFile(join(scratch, RESULT))).toString('utf8')) as Exported
    await makeDirectory(dirname(path))
    await renamePath(join(scratch, MODEL), path)
    await syncDirectory(dirname(path))
    return { model: path, ...exported }
  },

  describe(weights) {
    return [weights.which === 'file' ? describeFile(weights) : describeWeights(weights)]
  },
})

async function weightsOf(run: string, { last }: ExportOptions): Promise<ExportShard['weights']> {
  if (!isWeightsFile(run)) return findWeights(new RunDirectory(run), last === true ? 'last' : 'best')
  if (last === true) throw new UsageError('--last chooses among the weights of a run; a file has one set')
  if (!existsSync(run)) throw new InputError({ file: run, problem: 'there is no such file' })
  return { which: 'file', path: run }
}
