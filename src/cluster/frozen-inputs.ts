import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { findDatasetFiles, readDescription } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import type { AnyStage, FolderFiles, Input } from '../stages/stage.js'

/** An input of a stage, and what tells that it is still the same. */
export interface FrozenInput extends Input {
  stamp: string
}

/** A shard as it lies in the plan's folder. */
export interface FrozenShard {
  shard: unknown
  /** When each folder was changed last, whose files the shard reads: by absolute path, in milliseconds since 1970. */
  folders: Record<string, number>
  /**
   * Of each file that the shard reads, in the order of `filesOf`: bytes, and when it was changed last, as its file system
   * said when it was planned. No clock of a machine is asked: those of two may be minutes apart. -1 for one that is missing.
   */
  files: number[]
}

/** Files that are asked for at a time: on a network disk each answer takes its time. */
const FILES_AT_A_TIME = 64

/** Those inputs whose state one look tells; of folders, `freezeShard` looks at what a shard reads. @throws InputError */
export async function freezeInputs(inputs: Input[]): Promise<FrozenInput[]> {
  const frozen: FrozenInput[] = []
  for (const input of inputs) {
    const stamp = await stampOf(input)
    if (stamp !== undefined) frozen.push({ ...input, stamp })
  }
  return frozen
}

/** @throws InputError naming the input that changed since the plan */
export async function checkInputs(inputs: FrozenInput[]): Promise<void> {
  for (const input of inputs) {
    const actual = (await stampOf(input)) ?? 'missing'
    if (actual !== input.stamp) throw changed(input.path, input.stamp, actual)
  }
}

export async function freezeShard(stage: AnyStage, shard: unknown): Promise<FrozenShard> {
  const folders: Record<string, number> = {}
  for (const { path } of stage.filesOf?.(shard) ?? []) {
    folders[path] ??= (await timeOf(path)) ?? 0
  }
  const files: number[] = []
  for await (const states of statesOf(stage, shard)) {
    for (const { bytes, modified } of states) files.push(bytes, modified)
  }
  return { shard, folders, files }
}

/** Whether the folders of a shard have other entries than when it was planned. @throws InputError naming one that has */
export async function checkFolders({ folders }: FrozenShard): Promise<void> {
  for (const [path, planned] of Object.entries(folders)) {
    const actual = (await timeOf(path)) ?? 0
    if (actual !== planned) throw changed(path, dateOf(planned), dateOf(actual))
  }
}

/** Whether the files that a shard reads are those of the plan. @throws InputError naming the first that is not */
export async function checkFiles(stage: AnyStage, { shard, files }: FrozenShard): Promise<void> {
  let i = 0
  for await (const states of statesOf(stage, shard)) {
    for (const { path, bytes, modified } of states) {
      const planned = { bytes: files[i++]!, modified: files[i++]! }
      if (bytes === planned.bytes && modified === planned.modified) continue
      throw changed(path, stateText(planned), stateText({ bytes, modified }))
    }
  }
}

interface FileState {
  bytes: number
  modified: number
}

async function* statesOf(stage: AnyStage, shard: unknown): AsyncGenerator<(FileState & { path: string })[]> {
  for (const { path, names } of (stage.filesOf?.(shard) ?? []) as Iterable<FolderFiles>) {
    for (let first = 0; first < names.length; first += FILES_AT_A_TIME) {
      const paths = names.slice(first, first + FILES_AT_A_TIME).map((name) => join(path, name))
      yield await Promise.all(paths.map(stateOf))
    }
  }
}

async function stateOf(path: string): Promise<FileState & { path: string }> {
  const found = await stat(path).catch(() => undefined)
  return { path, bytes: found?.size ?? -1, modified: found?.mtimeMs ?? -1 }
}

function stateText({ bytes, modified }: FileState): string {
  return bytes === -1 ? 'missing' : `${bytes} bytes of ${dateOf(modified)}`
}

async function stampOf({ path, kind }: Input): Promise<string | undefined> {
  if (kind === 'folder') return undefined
  if (kind === 'run') return fileStamp(join(path, 'model.onnx'))
  if (kind === 'file') return fileStamp(path)
  try {
    const { records, index, description } = await findDatasetFiles(path)
    const fingerprint =
      description === undefined ? 'foreign' : (await readDescription(description)).fingerprint
    const others = await Promise.all([records, index].map((file) => file && fileStamp(file)))
    return [fingerprint, ...others].join(', ')
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

async function fileStamp(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return stateText({ bytes: found?.size ?? -1, modified: found?.mtimeMs ?? -1 })
}

async function timeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs
}

function dateOf(milliseconds: number): string {
  return milliseconds === 0 ? 'missing' : new Date(milliseconds).toISOString()
}

function changed(file: string, expected: string, actual: string): InputError {
  return new InputError({
    file,
    problem: 'it changed after the work was planned, so that shards could not be joined',
    expected,
    actual,
    fix: 'Plan again.',
  })
}
