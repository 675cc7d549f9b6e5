import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory, OutputFile, readWholeFile, removeTree, writeFileAtomically } from '../../io/index.js'
import {
  eventStep,
  frameTfRecord,
  readTfRecords,
  scalarsEvent,
  startEvent,
  versionEvent,
} from '../../tensorboard/index.js'

/** The name holds the second of the start: TensorBoard reads the files of a run in the order of their names. */
const EVENT_FILE = /^events\.out\.tfevents\.(\d+)\.facedata$/

/** Curves of a run for TensorBoard, with upstream's tags. One file for each time that the run was started. */
export class CurveLog {
  readonly #file: OutputFile

  private constructor(file: OutputFile) {
    this.#file = file
  }

  /**
   * A new file in `folder` for a run that stands at `step`. What earlier files hold after `step`, which the run will
   * write again, is cut off, and so is a record that a killed run left unfinished. @throws InputError, OutputError
   */
  static async open(folder: string, step: number): Promise<CurveLog> {
    await makeDirectory(folder)
    const earlier = (await readdir(folder)).filter((name) => EVENT_FILE.test(name))
    for (const name of earlier) await cutAfter(join(folder, name), step)
    const starts = earlier.map((name) => Number(EVENT_FILE.exec(name)![1]))
    // Two starts within one second, or a clock that was set back.
    const second = Math.max(Math.floor(wallTime()), ...starts.map((start) => start + 1))
    const name = `events.out.tfevents.${String(second).padStart(10, '0')}.facedata`
    const log = new CurveLog(await OutputFile.create(join(folder, name)))
    await log.#append(versionEvent(wallTime()))
    await log.#append(startEvent(wallTime(), step === 0 ? 0 : step + 1))
    return log
  }

  /** A point at `step`, counted as upstream counts: 1 is the first step, done. @throws OutputError */
  async write(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    await this.#append(scalarsEvent(wallTime(), step, scalars))
  }

  /** Before a checkpoint: the curves must not be behind it. @throws OutputError */
  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #append(event: Uint8Array): Promise<void> {
    await this.#file.write(frameTfRecord(event))
  }
}

/** Seconds since 1970. */
function wallTime(): number {
  return Date.now() / 1000
}

/** Steps of a file grow, so what is kept is its beginning; a file that begins after `step` goes. */
async function cutAfter(path: string, step: number): Promise<void> {
  const file = await readWholeFile(path)
  let kept = 0
  let first: number | undefined
  for (const { data, end } of readTfRecords(file)) {
    const recordStep = eventStep(data, path)
    if (recordStep > step) break
    if (recordStep > 0) first ??= recordStep
    kept = end
  }
  if (first === undefined) await removeTree(path)
  else if (kept < file.length) await writeFileAtomically(path, file.subarray(0, kept))
}
