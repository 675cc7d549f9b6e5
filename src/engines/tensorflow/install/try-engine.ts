import { fileURLToPath } from 'node:url'
import { FacedataError } from '../../../errors/index.js'
import { runProgram } from './run-program.js'

const ENTRY = fileURLToPath(
  new URL('../../../../dist/engines/tensorflow/install/trial-entry.js', import.meta.url),
)

export interface Trial {
  /** Of libtensorflow. */
  version: string
  /** Whether it sees a GPU. */
  gpu: boolean
}

/**
 * Loads an addon in a process of its own, where it can crash, and computes with it.
 * @throws FacedataError with what it said
 */
export async function tryEngine(addon: string, signal?: AbortSignal): Promise<Trial> {
  const ended = await runProgram(process.execPath, [ENTRY, addon], signal)
  if (ended?.code !== 0) {
    const said = ended?.errors.split('\n').find((line) => /error|cannot|symbol|GLIBC/i.test(line))
    throw new FacedataError(
      `${addon} does not run here: ${said?.trim() ?? `ended by ${ended?.signal ?? `code ${ended?.code}`}`}`,
    )
  }
  const { square, ...trial } = JSON.parse(ended.output) as Trial & { square: number[] }
  if (`${square}` !== '7,10,15,22') {
    throw new FacedataError(`${addon} computes ${square} where 7,10,15,22 was expected`)
  }
  return trial
}
