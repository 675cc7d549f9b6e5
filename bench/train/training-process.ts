import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Side } from '../pairing.js'
import type { Answer, Request, TrainingBench } from './training-entry.js'

const STEPS_A_ROUND = 3

const entry = new URL('./training-entry.js', import.meta.url)

/** A training session in a process of its own, so that its memory can be told. */
export class TrainingProcess {
  readonly #child: ChildProcess
  readonly #bench: TrainingBench
  #peakBytes = 0

  private constructor(child: ChildProcess, bench: TrainingBench) {
    this.#child = child
    this.#bench = bench
  }

  /** With environment variables of its own. */
  static async start(create: TrainingBench, env: Record<string, string> = {}): Promise<TrainingProcess> {
    const child = fork(entry, { env: { ...process.env, ...env } })
    const started = new TrainingProcess(child, create)
    await started.#ask({ create })
    return started
  }

  get classes(): number {
    return this.#bench.classes
  }

  get memory(): string {
    return `${(this.#peakBytes / 1e9).toFixed(2)} GB at most`
  }

  side(name: string): Side {
    return {
      name,
      round: async () => {
        const { seconds } = await this.#ask({ steps: STEPS_A_ROUND })
        return { amount: this.#bench.batchSize * STEPS_A_ROUND, seconds }
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
