import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { State, StateTensor } from '../../engines/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import type { Backbone } from '../../network/index.js'
import type { Log } from '../../progress/progress.js'
import { SafetensorsFile } from '../../safetensors/index.js'
import { backboneOf } from '../backbone.js'
import { carryByName, carryRows } from '../carried-classes.js'
import { checkpointBackbone, readCheckpointNames } from '../checkpoint.js'
import { hasNames, type IdentityNames } from '../identity-names.js'
import { RunDirectory } from '../run-directory.js'
import { floatsOf, readBackboneState } from './backbone-state.js'
import type { NamedTensors } from './named-tensors.js'
import { describeNetwork, networkOf } from './network-of.js'
import { isWeightsFile, openWeights, WEIGHTS_SUFFIXES, type WeightsFile } from './weights-file.js'

/** What training begins with in place of random numbers. */
export interface InitialWeights {
  /** `--init`: a file of weights, the folder of a run or of a checkpoint. Absolute. */
  path: string
  backbone: Backbone
  /** Number of identities of the dataset. */
  classes: number
  /** Their names by label, and the class centres that those who are new begin with. */
  people?: { names: IdentityNames; initialCentres(): Promise<StateTensor> }
}

/**
 * Reads the weights that training begins with: the backbone, by name and with its shapes, and the class centres by
 * name where source and dataset have names, else by label where they are as many. The log says what was taken.
 * @throws UsageError for weights of another network or embedding size; InputError where a file is missing or damaged
 */
export async function readInitialWeights(initial: InitialWeights, log: Log): Promise<State> {
  const { path, backbone } = initial
  const source = await openSource(path)
  try {
    requireSameNetwork(source.backbone, backbone)
    const state = await readBackboneState(source.backbone, backbone)
    log.info(`init: backbone of ${source.backbone.path}`)
    const centres = await readCentres(source, initial, log)
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

async function readCentres(
  { head, names = [] }: WeightsFile,
  { classes, backbone, people }: InitialWeights,
  log: Log,
): Promise<StateTensor | undefined> {
  const shape = head?.entries.get('weight')?.shape
  if (head === undefined || shape === undefined) {
    log.info('init: no class centres there; they start at random')
    return undefined
  }
  const [rows, size] = shape
  if (shape.length !== 2 || size !== backbone.embeddingSize) {
    throw new InputError({
      file: head.path,
      problem: 'the class centres have another shape',
      expected: `[${classes}, ${backbone.embeddingSize}]`,
      actual: `[${shape.join(', ')}]`,
    })
  }
  if (people !== undefined && hasNames(people.names) && hasNames(names)) {
    const carried = carryByName(names, people.names)
    log.info(
      `init: ${carried.carried} people keep their class centres, by name; ${carried.added} are new and start at ` +
        `random; ${carried.left} are not in the dataset`,
    )
    const centres = await people.initialCentres()
    carryRows({ shape, data: floatsOf(await head.read('weight'), 'weight', head.path) }, centres, carried)
    return centres
  }
  if (rows !== classes) {
    log.info(
      `init: the class centres are not taken: there are ${rows}, the dataset has ${classes} identities. They start ` +
        'at random. (A checkpoint of one GPU of several holds its share of the classes.)',
    )
    return undefined
  }
  log.info(`init: ${rows} class centres, by label: identity N of the dataset takes row N`)
  return { shape, data: floatsOf(await head.read('weight'), 'weight', head.path) }
}
