import { availableParallelism } from 'node:os'

/** Threads of a task: as many processors as Slurm gave it, else as the machine has. */
export function threadsOfTask(environment: NodeJS.ProcessEnv): number {
  const given = Number(environment.SLURM_CPUS_PER_TASK)
  return Number.isInteger(given) && given > 0 ? given : availableParallelism()
}
