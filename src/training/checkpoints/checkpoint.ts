import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { State } from '../../engines/index.js'
import { InputError } from '../../errors/index.js'
import {
  makeDirectory,
  OutputFile,
  readWholeFile,
  removeTree,
  removeWhole,
  renamePath,
  syncDirectory,
} from '../../io/index.js'
import { writeBackbone } from './backbone-file.js'
import { hasNames, type IdentityNames, readIdentityNames, writeIdentityNames } from './identity-names.js'
import { decodeRunState, encodeRunState, type RunState } from './run-state.js'
import { readStatePart, type StatePart, writeStatePart } from './state-file.js'

const PARTS: readonly StatePart[] = ['backbone', 'head', 'optimizer']

const STATE_FILE = 'state.msgpack'

/** Names by label: class centres are carried over by them where the dataset is another one. */
const NAMES_FILE = 'identities.jsonl'

/** Everything that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  state: State
  run: RunState
  /** Of the identities by label; empty where the dataset has none. */
  names: IdentityNames
}

/**
 * Writes `FOLDER/step-N` whole or not at all, then removes all but the last `keep` checkpoints. A run that is killed
 * meanwhile leaves the checkpoints that were there and a folder whose name begins with a dot. @throws OutputError
 */
export async function writeCheckpoint(
  folder: string,
  { state, run, names }: Checkpoint,
  imageSize: { height: number; width: number },
  keep: number,
): Promise<void> {
  const { step } = run
  const name = `step-${step}`
  const unfinished = join(folder, `.${name}.tmp`)
  await removeTree(unfinished)
  await makeDirectory(unfinished)
  const write = (file: string, content: (file: OutputFile) => Promise<void>) =>
    writeFile(join(unfinished, file), content)
  await write('backbone.safetensors', (file) =>
    writeBackbone(file, state, { step, accuracy: undefined, ...imageSize }),
  )
  await write('head.safetensors', (file) => writeStatePart(file, 'head', state))
  await write('optimizer.safetensors', (file) => writeStatePart(file, 'optimizer', state))
  if (hasNames(names)) await write(NAMES_FILE, (file) => writeIdentityNames(file, names))
  await write(STATE_FILE, (file) => file.write(encodeRunState(run)))
  await syncDirectory(unfinished)
  await removeCheckpoint(folder, name)
  await renamePath(unfinished, join(folder, name))
  await syncDirectory(folder)
  const steps = await checkpointSteps(folder)
  for (const step of steps.slice(0, -keep)) await removeCheckpoint(folder, `step-${step}`)
}

/** Steps at which a whole checkpoint stands, in order. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** @throws InputError where a file is missing or damaged */
export async function readCheckpoint(folder: string, step: number): Promise<Checkpoint> {
  const run = await readRunState(folder, step)
  const state: State = new Map()
  for (const part of PARTS) {
    const { state: tensors } = await readStatePart(join(folder, `step-${step}`, `${part}.safetensors`), part)
    for (const [name, tensor] of tensors) state.set(name, tensor)
  }
  return { state, run, names: await readCheckpointNames(join(folder, `step-${step}`)) }
}

/** Names of the identities by label, of the folder of a checkpoint; empty where it has none. @throws InputError */
export async function readCheckpointNames(checkpoint: string): Promise<IdentityNames> {
  const file = join(checkpoint, NAMES_FILE)
  return existsSync(file) ? readIdentityNames(file) : []
}

/** A checkpoint without its tensors. @throws InputError */
export async function readRunState(folder: string, step: number): Promise<RunState> {
  const file = join(folder, `step-${step}`, STATE_FILE)
  const run = decodeRunState(await readWholeFile(file), file)
  if (run.step !== step) {
    throw new InputError({ file, problem: 'belongs to another step', expected: step, actual: run.step })
  }
  return run
}

/** Path of a checkpoint's backbone, in upstream's names. */
export function checkpointBackbone(folder: string, step: number): string {
  return join(folder, `step-${step}`, 'backbone.safetensors')
}

/** Removes what killed runs left unfinished. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\.step-\d+\.(removed\.)?tmp$/.test(name)) await removeTree(join(folder, name))
  }
}

async function removeCheckpoint(folder: string, name: string): Promise<void> {
  if (!(await readdir(folder)).includes(name)) return
  await removeWhole(join(folder, name))
}

async function writeFile(path: string, write: (file: OutputFile) => Promise<void>): Promise<void> {
  const file = await OutputFile.create(path)
  try {
    await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
