import { fileURLToPath } from 'node:url'
import { watchMemory } from './memory-watch.js'
import type { SideOutcome } from './outcome.js'
import type { Device } from './probe.js'
import { runTimed } from './timed-process.js'
import type { GpuWork, Measurement } from './work.js'

/** `gpu_training.py` ends so where there is no PyTorch or no CUDA. */
const NO_CUDA = /ended with 3:/

const ours = fileURLToPath(new URL('./training-entry.js', import.meta.url))
const theirs = fileURLToPath(new URL('../../bench/other/gpu_training.py', import.meta.url))

/** What a measurement may take. */
export interface Limits {
  seconds: number
  rounds: number
}

/** Our training steps on the device, in a process of their own, for at most so many seconds. */
export async function measureOurs(
  work: GpuWork,
  { engine, provider, float16, name }: Device,
  { seconds, rounds }: Limits,
): Promise<SideOutcome> {
  if (work.float16 && !float16) {
    return { measurements: [], memory: undefined, problem: `${name} has no float16 here` }
  }
  const request = JSON.stringify({ work, engine, provider, rounds })
  return measure(process.execPath, [ours, request], seconds)
}

/** PyTorch's; undefined where it is not there or has no CUDA. */
export async function measurePytorch(
  work: GpuWork,
  python: string,
  { seconds, rounds }: Limits,
): Promise<SideOutcome | undefined> {
  const outcome = await measure(python, [theirs, JSON.stringify({ work, rounds })], seconds)
  const absent = NO_CUDA.test(outcome.problem ?? '') || /ENOENT/.test(outcome.problem ?? '')
  return absent ? undefined : outcome
}

async function measure(command: string, args: readonly string[], seconds: number): Promise<SideOutcome> {
  const { result, memory } = await watchMemory(() => runTimed<Measurement>(command, args, seconds))
  return { measurements: result.lines, memory, problem: result.problem }
}
