import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { datasetsFolder } from '../dataset/index.js'
import { type CachePlaces, type EmbeddingModel, openEmbeddingModel } from '../embeddings/index.js'
import { UsageError } from '../errors/index.js'
import { exportFile, isWeightsFile } from '../training/index.js'
import { locateModel } from './evaluate/locate.js'
import { embedderOptions, type ModelOptions } from './model-options.js'
import type { Input, StageContext } from './stage.js'

/** A model as a plan froze it. */
export interface ModelInput {
  /** Absolute path of an .onnx file, or of weights. */
  path: string
  /** Changes when the file does. */
  stamp: string
  options: ModelOptions
}

/** Of weights that are no model yet. */
const MODEL = 'model.onnx'

/** The model of a stage as an input of a pipeline's step. */
export async function modelInputOf(model: string): Promise<Input> {
  const run = (await stat(model).catch(() => undefined))?.isDirectory()
  return { path: resolve(model), kind: run ? 'run' : 'file' }
}

/** @throws InputError where there is no such model */
export async function freezeModel(model: string, options: ModelOptions): Promise<ModelInput> {
  const path = await locateModel(model)
  const { size, mtimeMs } = await stat(path)
  const { color, mean, std, provider } = options
  return { path, stamp: `${size} ${mtimeMs}`, options: { color, mean, std, provider } }
}

/** Opens the model of a plan; weights are exported to the scratch folder first. @throws InputError */
export async function reopenModel(
  { path, options }: ModelInput,
  { jobs, scratch }: Pick<StageContext, 'jobs' | 'scratch'>,
): Promise<EmbeddingModel> {
  const onnx = isWeightsFile(path) ? join(scratch, MODEL) : path
  if (onnx !== path) await exportFile(path, onnx)
  return openEmbeddingModel(onnx, embedderOptions(options, jobs))
}

/** The places of `--embeddings`: files to look into, and the folder that keeps what is computed. Absolute. */
export function cachePlaces(embeddings: string[] | undefined, datasets: string | undefined): CachePlaces {
  const given = embeddings ?? []
  const files = given.filter((path) => path.endsWith('.arrow')).map((path) => resolve(path))
  const [folder, ...others] = given.filter((path) => !path.endsWith('.arrow'))
  if (others.length > 0) {
    throw new UsageError(`--embeddings: embeddings are kept in one folder: ${folder} or ${others.join(', ')}`)
  }
  return {
    folder: folder === undefined ? join(datasetsFolder(datasets), '.embeddings') : resolve(folder),
    files,
  }
}
