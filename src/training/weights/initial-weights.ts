import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { State } from '../../engines/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import type { Backbone } from '../../network/index.js'
import type { Log } from '../../progress/progress.js'
import { SafetensorsFile } from '../../safetensors/index.js'
import { backboneOf } from '../backbone.js'
import { checkpointBackbone, readCheckpointNames } from '../checkpoints/checkpoint.js'
import type { IdentityNames } from '../checkpoints/identity-names.js'
import { RunDirectory } from '../run-directory.js'
import { readBackboneState } from './backbone-state.js'
import { readInitialCentres } from './initial-centres.js'
import type { NamedTensors } from './named-tensors.js'
import { describeNetwork, networkOf } from './network-of.js'
import { isWeightsFile, openWeights, WEIGHTS_SUFFIXES, type WeightsFile } from './weights-file.js'

/** What training begins with in place of random numbers. */
export interface InitialWeights {
  /** `--init`: a file of weights, the folder of a run or of a checkpoint. Absolute. */
  path: string
  backbone: Backbone
  /** Of the dataset's identities, by label. */
  names: IdentityNames
  /** Before training: class centres of people who are new stay as they are there. May be changed. */
  initialState(): Promise<State>
}

/**
 * Reads the weights that training begins with: the backbone, by name and with its shapes, and the class centres by
 * the names of the identities, or by label where a source without names has as many. The log says what was taken.
 * @throws UsageError for weights of another network or embedding size; InputError where a file is missing or damaged
 */
export async function readInitialWeights(initial: InitialWeights, log: Log): Promise<State> {
  const { path, backbone } = initial
  const source = await openSource(path)
  try {
    requireSameNetwork(source.backbone, backbone)
    const state = await readBackboneState(source.backbone, backbone)
    log.info(`init: backbone of ${source.backbone.path}`)
    const centres = await readInitialCentres(source, initial, log)
    if (centres !== undefined) state.set('head.weight', centres)
    return state
  } finally {
    await source.close()
  }
}

async function openSource(path: string): Promise<WeightsFile> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  if (isFolder === undefined)
    throw new InputError({ file: path, problem: 'init: there is no such file or run' })
  if (isFolder) return openCheckpoint(await checkpointFolder(path))
  if (isWeightsFile(path)) return openWeights(path)
  throw new InputError({
    file: path,
    problem: 'init: is no file of weights, by its name',
    expected: `${WEIGHTS_SUFFIXES.join(', ')}, or the folder of a run`,
  })
}

/** The folder itself, or the last checkpoint of a run: there backbone and class centres belong together. */
async function checkpointFolder(folder: string): Promise<string> {
  if (existsSync(join(folder, 'backbone.safetensors'))) return folder
  const run = new RunDirectory(folder)
  const step = await run.lastCheckpoint()
  if (step !== undefined) return dirname(checkpointBackbone(run.checkpoints, step))
  throw new InputError({
    file: folder,
    problem: 'init: the folder holds neither a checkpoint nor a run that has one',
  })
}

async function openCheckpoint(folder: string): Promise<WeightsFile> {
  const names = await readCheckpointNames(folder)
  const backbone = await SafetensorsFile.open(join(folder, 'backbone.safetensors'))
  const headPath = join(folder, 'head.safetensors')
  const head = existsSync(headPath) ? await SafetensorsFile.open(headPath) : undefined
  return {
    backbone,
    head,
    names,
    async close() {
      await backbone.close()
      await head?.close()
    },
  }
}

function requireSameNetwork(tensors: NamedTensors, backbone: Backbone): void {
  const found = networkOf(tensors)
  if (found.embedding_size !== backbone.embeddingSize) {
    throw new UsageError(
      `init: ${tensors.path} makes embeddings of ${found.embedding_size} numbers, the config's embedding_size is ` +
        `${backbone.embeddingSize}. Set embedding_size: ${found.embedding_size}, or start without init`,
    )
  }
  const { height, width } = backbone.inputSize
  if (found.imageSize !== height) {
    throw new UsageError(
      `init: ${tensors.path} is a network for images of ${found.imageSize}x${found.imageSize} pixels, the dataset's ` +
        `are ${width}x${height}`,
    )
  }
  const other = backboneOf(found, backbone.inputSize)
  if (
    other.nodes.length !== backbone.nodes.length ||
    JSON.stringify(other.nodes) !== JSON.stringify(backbone.nodes)
  ) {
    throw new UsageError(
      `init: ${tensors.path} holds ${describeNetwork(found)}, which the config's network is not. ` +
        `Set network: ${describeNetwork(found)}, or start without init`,
    )
  }
}
