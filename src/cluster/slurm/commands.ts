import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { FacedataError, UsageError } from '../../errors/index.js'

const run = promisify(execFile)

/** Slurm's default, where the cluster does not tell. */
const DEFAULT_ARRAY_SIZE = 1001

/** Submits a script and returns the number of its job. @throws UsageError, FacedataError with what sbatch says */
export async function sbatch(words: string[]): Promise<string> {
  const text = await slurm('sbatch', ['--parsable', ...words])
  const id = /^(\d+)(;|$)/.exec(text.trim())?.[1]
  if (id === undefined) throw new FacedataError(`sbatch gave no job number: ${text.trim()}`)
  return id
}

/** Cancels jobs; those that are over stay as they are. */
export async function scancel(jobs: string[]): Promise<void> {
  await slurm('scancel', jobs)
}

/** Whether a job waits or runs. One that Slurm does not know any more is over. */
export async function isActive(job: string): Promise<boolean> {
  try {
    return (await slurm('squeue', ['--noheader', '--format=%T', `--jobs=${job}`])).trim() !== ''
  } catch (error) {
    if (error instanceof FacedataError && /invalid job id/i.test(error.message)) return false
    throw error
  }
}

/** Tasks that one array job may have: their numbers are below it. */
export async function maxArraySize(): Promise<number> {
  const config = await slurm('scontrol', ['show', 'config'])
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(config)?.[1])
  return size >= 1 ? size : DEFAULT_ARRAY_SIZE
}

async function slurm(command: string, words: string[]): Promise<string> {
  try {
    const { stdout } = await run(command, words, { env: outsideOfJobs(process.env), maxBuffer: 64 * 2 ** 20 })
    return stdout
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    if (code === 'ENOENT') {
      throw new UsageError(
        `${command} is not installed here. Submit from a machine of the cluster, or run the tasks in another way: facedata work plan.json --shard I`,
      )
    }
    const said = stderr?.trim() || message
    throw new FacedataError(`${command} failed: ${said}`, undefined, { cause: error })
  }
}

/** What Slurm says to the job that submits another one is not for that one. */
function outsideOfJobs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment)
  return Object.fromEntries(
    entries.filter(([name]) => name === 'SLURM_CONF' || !/^(SLURM|SBATCH|SRUN)_/.test(name)),
  )
}
