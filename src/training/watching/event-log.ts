import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { inputErrorFrom, OutputFile, renamePath } from '../../io/index.js'

/** A line of `log.jsonl`; every line has the step after which it was written, counted from 1. */
export interface LogEvent {
  step: number
  epoch: number
  [field: string]: unknown
}

/** `log.jsonl`: one JSON object a line, in order of steps. */
export class EventLog {
  readonly #file: OutputFile

  private constructor(file: OutputFile) {
    this.#file = file
  }

  /**
   * The log of a run that stands at `step`: a new one at step 0, else without the lines after `step`, which the run
   * will write again. @throws InputError, OutputError
   */
  static async open(path: string, step: number): Promise<EventLog> {
    const lines = step === 0 ? [] : await linesThrough(path, step)
    const file = await OutputFile.create(`${path}.tmp`)
    if (lines.length > 0) await file.write(Buffer.from(`${lines.join('\n')}\n`))
    await file.sync()
    await renamePath(file.path, path)
    return new EventLog(file)
  }

  async write(event: LogEvent): Promise<void> {
    await this.#file.write(Buffer.from(`${JSON.stringify(event)}\n`))
  }

  /** Before a checkpoint: the log must not be behind it. */
  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

async function linesThrough(path: string, step: number): Promise<string[]> {
  const kept: string[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const lineStep = stepOf(line)
      if (lineStep !== undefined && lineStep <= step) kept.push(line)
    }
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return kept
}

/** Undefined for a line that a killed run left unfinished. */
function stepOf(line: string): number | undefined {
  try {
    return (JSON.parse(line) as LogEvent).step
  } catch {
    return undefined
  }
}
