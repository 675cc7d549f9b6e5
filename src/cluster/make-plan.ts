import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { UsageError } from '../errors/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import {
  isMissing,
  makeDirectory,
  removeTree,
  renamePath,
  syncDirectory,
  writeFileAtomically,
} from '../io/index.js'
import type { Log } from '../progress/progress.js'
import { refuseExistingOutput } from '../stages/existing-output.js'
import type { AnyStage, Plan } from '../stages/stage.js'
import { shellWord } from '../terminal/index.js'
import { freezeInputs, freezeShard } from './frozen-inputs.js'
import { refuseForeignJobs, removeJobs } from './jobs-folder.js'
import { type ClusterPlan, planFolder, readPlan, shardPath, withId, writePlan } from './plan-file.js'

export interface PlanRequest {
  /** Absolute path of `plan.json`, on a file system that all machines see under this name, as inputs and output are. */
  path: string
  shards: number
  strict: boolean
  replace: boolean
  log: Log
}

/**
 * Cuts the work of a stage into shards and writes them down for other machines. @throws UsageError where the stage is
 * one piece of work, the output exists, or an earlier plan of that name is not finished, or
 * the folder of its jobs holds what is not ours; what the stage throws
 */
export async function makePlan(
  stage: AnyStage,
  options: unknown,
  request: PlanRequest,
): Promise<ClusterPlan> {
  const { path, shards, strict, replace, log } = request
  if (!stage.inShards) {
    throw new UsageError(
      `${stage.name} is one piece of work that cannot be cut into shards. Run it on one machine: facedata ${stage.name}`,
    )
  }
  await refuseUnfinished(path)
  await refuseForeignJobs(path)
  await refuseExistingOutput(stage.output(options), replace)
  const inputs = await freezeInputs(await stage.inputs(options))
  const planned: Plan<unknown> = await stage.plan(options, shards, 'as-asked')
  if (planned.shards.length < shards) {
    log.warn(`there is work for ${planned.shards.length} shards only, of ${shards} that were asked for`)
  }
  const { fingerprint, output, amount } = planned
  const stored = await storeShards(stage, planned)
  const plan = withId({
    path,
    stage: stage.name,
    fingerprint,
    options: planned.options,
    output,
    strict,
    replace,
    ...(amount && { amount }),
    token: randomBytes(8).toString('hex'),
    inputs,
    shards: stored.shards,
  })
  const folder = planFolder(plan)
  await removeTree(folder)
  await renamePath(stored.folder, folder)
  await syncDirectory(join(folder, '..'))
  await removeJobs(path)
  await writePlan(plan)
  return plan
}

/** Under a name of its own until the id of the plan is known, which covers every shard. */
async function storeShards(
  stage: AnyStage,
  { fingerprint, output, shards }: Plan<unknown>,
): Promise<{ folder: string; shards: ClusterPlan['shards'] }> {
  const id = `${fingerprint}-${randomBytes(4).toString('hex')}.tmp`
  const folder = planFolder({ output, stage: stage.name, id })
  const stored: ClusterPlan['shards'] = []
  try {
    await makeDirectory(join(folder, 'shards'))
    for (const [number, shard] of shards.entries()) {
      const text = Buffer.from(JSON.stringify(await freezeShard(stage, shard)))
      await writeFileAtomically(shardPath(folder, number), text)
      stored.push({ bytes: text.length, xxh64: hashToHex(xxh64(text)) })
    }
  } catch (error) {
    await removeTree(folder).catch(() => {})
    throw error
  }
  return { folder, shards: stored }
}

/** Work of hours may lie in its folder. */
async function refuseUnfinished(path: string): Promise<void> {
  if (await isMissing(path)) return
  const earlier = await readPlan(path).catch(() => undefined)
  if (earlier === undefined) {
    throw new UsageError(`${path} exists and is no plan that can be read. Choose another file, or remove it`)
  }
  const folder = planFolder(earlier)
  if (await isMissing(folder)) return
  throw new UsageError(
    `${path} is a plan that is not finished. Finish it (facedata finish ${shellWord(path)}), choose another file (-o), or give it up: remove ${path} and ${folder}`,
  )
}
