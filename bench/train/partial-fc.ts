import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Side } from '../pairing.js'
import { type Row, scaled } from '../row.js'
import type { Answer, HeadBench, Request } from './head-process.js'

const BATCH = 32
const STEPS_A_ROUND = 3
const FULL_CLASSES = 10_000
const SAMPLE_RATE = 0.01

const entry = new URL('./head-process.js', import.meta.url)

/**
 * A million classes of which a step compares with a hundredth, against a full softmax over as many centres as that.
 * Each side is a process, so that the memory of both can be told.
 */
export const partialFc: Row = {
  name: 'partial-fc',
  work: 'train mbf, batch 32, on a million classes',
  unit: 'images/s',
  async prepare(bench) {
    const classes = scaled(1_000_000, bench, FULL_CLASSES)
    const sampledCentres = Math.floor(SAMPLE_RATE * classes)
    const ours = await HeadProcess.start({ batchSize: BATCH, classes, sampledCentres })
    const full = await HeadProcess.start({ batchSize: BATCH, classes: FULL_CLASSES })
    return {
      inputs: `${classes.toLocaleString('en-US')} classes, sample_rate ${SAMPLE_RATE}, 512 numbers an embedding`,
      ours: ours.side('PartialFC'),
      others: [{ side: full.side('full softmax of 10,000 classes, ours too'), bar: 0.87 }],
      async close() {
        for (const side of [ours, full]) {
          process.stderr.write(`partial-fc: ${side.memory}\n`)
          await side.close()
        }
      },
    }
  },
}

class HeadProcess {
  readonly #child: ChildProcess
  readonly #classes: number
  #peakBytes = 0

  private constructor(child: ChildProcess, classes: number) {
    this.#child = child
    this.#classes = classes
  }

  static async start(create: HeadBench): Promise<HeadProcess> {
    const started = new HeadProcess(fork(entry), create.classes)
    await started.#ask({ create })
    return started
  }

  get memory(): string {
    const classes = this.#classes.toLocaleString('en-US')
    return `${classes} classes: ${(this.#peakBytes / 1e9).toFixed(2)} GB at most`
  }

  side(name: string): Side {
    return {
      name,
      round: async () => {
        const { seconds } = await this.#ask({ steps: STEPS_A_ROUND })
        return { amount: BATCH * STEPS_A_ROUND, seconds }
      },
    }
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill()
    await exited
  }

  async #ask(request: Request): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null) =>
        reject(new Error(`the training process ended: ${code ?? signal}`))
      this.#child.once('exit', onExit)
      this.#child.once('message', (message: Answer) => {
        this.#child.off('exit', onExit)
        resolve(message)
      })
      this.#child.send(request)
    })
    this.#peakBytes = answer.peakBytes
    return answer
  }
}
