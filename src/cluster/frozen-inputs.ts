import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
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
}

/** Files after which the event loop gets a turn, for signals. */
const FILES_PER_TURN = 1024

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
  return { shard, folders }
}

/** Whether the folders of a shard have other entries than when it was planned. @throws InputError naming one that has */
export async function checkFolders({ folders }: FrozenShard): Promise<void> {
  for (const [path, planned] of Object.entries(folders)) {
    const actual = (await timeOf(path)) ?? 0
    if (actual !== planned) throw changed(path, dateOf(planned), dateOf(actual))
  }
}

/**
 * The files that a shard reads must be older than the plan. One that is missing shows in its folder; of one that is
 * there, the work asks anyway, so that this costs little. @throws InputError naming the first that is not
 */
export async function checkFiles(stage: AnyStage, shard: unknown, plannedAt: number): Promise<void> {
  let looked = 0
  for (const { path, names } of (stage.filesOf?.(shard) ?? []) as Iterable<FolderFiles>) {
    for (const name of names) {
      const file = join(path, name)
      const actual = await timeOf(file)
      if (actual !== undefined && actual > plannedAt) {
        throw changed(file, `before ${dateOf(plannedAt)}, when it was planned`, dateOf(actual))
      }
      if (++looked % FILES_PER_TURN === 0) await setImmediate()
    }
  }
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
  return found === undefined ? 'missing' : `${found.size} bytes of ${dateOf(found.mtimeMs)}`
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
