import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const INTERVAL = 500

/** Memory of the NVIDIA GPU in use, MiB; undefined where nvidia-smi does not tell. */
async function usedMemory(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', [
      '--query-gpu=memory.used',
      '--format=csv,noheader,nounits',
    ])
    return Number(stdout.split('\n')[0])
  } catch {
    return undefined
  }
}

/** The most GPU memory that was in use during a piece of work beyond what was before, MiB. */
export async function watchMemory<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; memory: number | undefined }> {
  const before = await usedMemory()
  if (before === undefined) return { result: await work(), memory: undefined }
  let most = before
  const timer = setInterval(async () => {
    most = Math.max(most, (await usedMemory()) ?? 0)
  }, INTERVAL)
  try {
    return { result: await work(), memory: most - before }
  } finally {
    clearInterval(timer)
  }
}
