import { neededBy } from './graph.js'
import type { Step } from './step.js'

/** What is done with a step. Nothing here throws: what goes wrong is an answer. */
export interface StepWork {
  /** All that it needs is there: must it run? */
  look(step: Step): Promise<'run' | 'fresh' | 'failed'>
  run(step: Step, jobs: number): Promise<'done' | 'failed'>
  /** `cause` failed, or did not run itself; without one, no step starts any more. */
  passOver(step: Step, cause?: Step): void
}

/**
 * Runs steps after the steps that they need, side by side where they do not need each other. A step takes the threads
 * that it names, else an equal share of `jobs`; one whose result depends on their number takes all. Steps start in
 * their order: a later one does not pass by one that waits for threads. What fails stops what needs it, nothing else.
 */
export async function schedule(
  steps: readonly Step[],
  { jobs, work, signal }: { jobs: number; work: StepWork; signal: AbortSignal },
): Promise<void> {
  const waiting = new Set(steps)
  const eager = new Set<Step>()
  const looking = new Set<Step>()
  const running = new Map<Step, number>()
  const good = new Set<Step>()
  const tasks = new Set<Promise<void>>()
  const begin = (task: Promise<void>) => {
    const ended = task.finally(() => tasks.delete(ended))
    tasks.add(ended)
  }
  const look = async (step: Step) => {
    looking.add(step)
    const answer = await work.look(step)
    looking.delete(step)
    if (answer === 'run') eager.add(step)
    if (answer === 'fresh') good.add(step)
  }
  const run = async (step: Step, threads: number) => {
    running.set(step, threads)
    const answer = await work.run(step, threads)
    running.delete(step)
    if (answer === 'done') good.add(step)
  }
  const threadsOf = ({ run, stage }: Step) => {
    const share = stage.wholeMachine ? jobs : Math.floor(jobs / (eager.size + running.size))
    return Math.min(jobs, run.jobs ?? Math.max(1, share))
  }
  const isOver = (step: Step) => ![waiting, eager, looking, running].some((set) => set.has(step))
  const startWhatCan = () => {
    for (const step of waiting) {
      const needs = neededBy(step, steps)
      const bad = needs.find((need) => isOver(need) && !good.has(need))
      if (bad !== undefined || signal.aborted) {
        waiting.delete(step)
        work.passOver(step, bad)
      } else if (needs.every((need) => good.has(need))) {
        waiting.delete(step)
        begin(look(step))
      }
    }
    // Shares are even only once it is known which of them must run.
    for (const step of looking.size > 0 ? [] : inOrder(steps, eager)) {
      if (signal.aborted) {
        eager.delete(step)
        work.passOver(step)
        continue
      }
      const threads = threadsOf(step)
      const taken = [...running.values()].reduce((sum, count) => sum + count, 0)
      if (threads > jobs - taken) break
      eager.delete(step)
      begin(run(step, threads))
    }
  }
  for (startWhatCan(); tasks.size > 0; startWhatCan()) await Promise.race(tasks)
}

function inOrder(steps: readonly Step[], some: ReadonlySet<Step>): Step[] {
  return steps.filter((step) => some.has(step))
}
