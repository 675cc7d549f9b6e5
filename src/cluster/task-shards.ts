import { UsageError } from '../errors/index.js'

/** Where Slurm's array jobs and Kubernetes' indexed jobs say which task this is, from 0. */
const VARIABLES = ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX'] as const

/** What tells a process which shards are its own. */
export interface TaskPlace {
  /** `--shard`: `3`, `0-3,7`. */
  shard?: string
  /** Shards of one task, where its number comes from the scheduler. */
  perTask: number
  environment: NodeJS.ProcessEnv
}

/** @param count of the plan @throws UsageError that names what is missing or wrong */
export function shardsOfTask({ shard, perTask, environment }: TaskPlace, count: number): number[] {
  if (shard !== undefined) return parseShards(shard, count)
  const variable = VARIABLES.find((name) => environment[name] !== undefined && environment[name] !== '')
  if (variable === undefined) {
    throw new UsageError(
      `which shard? Give --shard 0 to ${count - 1}, or run as a task of an array job: neither ${VARIABLES.join(' nor ')} is set`,
    )
  }
  const text = environment[variable]!
  const task = /^\d{1,9}$/.test(text) ? Number(text) : -1
  const first = task * perTask
  if (task === -1 || first >= count) {
    const last = Math.ceil(count / perTask) - 1
    throw new UsageError(`${variable}=${text}: the tasks of this plan are 0 to ${last}`)
  }
  return range(first, Math.min(count, first + perTask) - 1)
}

function parseShards(text: string, count: number): number[] {
  const shards = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (first === undefined || from > to || to >= count) {
      throw new UsageError(`--shard ${text}: the shards of this plan are 0 to ${count - 1}, as in 3 or 0-3,7`)
    }
    for (const shard of range(from, to)) shards.add(shard)
  }
  return [...shards].sort((a, b) => a - b)
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
