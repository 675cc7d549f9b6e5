import { fileURLToPath } from 'node:url'
import { FacedataError } from '../../../errors/index.js'
import { runProgram } from './run-program.js'

const ENTRY = fileURLToPath(
  new URL('../../../../dist/engines/tensorflow/addon/trial-entry.js', import.meta.url),
)

export interface Trial {
  /** Of libtensorflow. */
  version: string
  /** Whether it sees a GPU. */
  gpu: boolean
  /** What TensorFlow complained of, such as CUDA libraries that it did not find. */
  warnings: readonly string[]
}

/**
 * Loads an addon in a process of its own, where it can crash, and computes with it.
 * @throws FacedataError with what it said
 */
export async function tryAddon(addon: string, signal?: AbortSignal): Promise<Trial> {
  const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '1' }
  const ended = await runProgram(process.execPath, [ENTRY, addon], { signal, environment })
  if (ended?.code !== 0) {
    const said = ended?.errors.split('\n').find((line) => /error|cannot|symbol|GLIBC/i.test(line))
    throw new FacedataError(
      `${addon} does not run here: ${said?.trim() ?? `ended by ${ended?.signal ?? `code ${ended?.code}`}`}`,
    )
  }
  const { square, ...found } = JSON.parse(ended.output) as Omit<Trial, 'warnings'> & { square: number[] }
  if (`${square}` !== '7,10,15,22') {
    throw new FacedataError(`${addon} computes ${square} where 7,10,15,22 was expected`)
  }
  return { ...found, warnings: warningsOf(ended.errors) }
}

/**
 * Two forms: `2026-01-31 12:00:00.000000: W core/file.cc:12] text`, and since TensorFlow 2.19 also
 * `W0000 00:00:1769860800.000000    1234 file.cc:12] text`.
 */
export function warningsOf(errors: string): string[] {
  const line = /^(?:\S+ \S+: [WE] \S+|[WE]\d{4} \S+\s+\d+ \S+)\] (.+)$/
  return errors.split('\n').flatMap((text) => line.exec(text)?.[1] ?? [])
}
