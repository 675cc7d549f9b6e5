import type { Browser } from 'playwright-core'

/** Milliseconds that the main thread of a page gave to one thing without a pause. */
export interface Task {
  /** By the clock, waiting for a core among it. */
  wall: number
  processor: number
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Microseconds. */
  dur?: number
  tdur?: number
  args: { name?: string }
}

const TASK = 'ThreadControllerImpl::RunTask'

/**
 * The tasks of the main thread of a page while something is done, from Chromium's trace. Of all pages it is the one that
 * does most then: Chromium has pages of its own, for its address bar among others, that it makes when it likes.
 */
export async function mainThreadTasks(browser: Browser, act: () => Promise<unknown>): Promise<Task[]> {
  await browser.startTracing(undefined, { categories: ['-*', 'toplevel'] })
  await act()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[]
  }
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const main = traceEvents
    .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain')
    .map(thread)
  const tasks = traceEvents.filter(({ name }) => name === TASK)
  const [most = []] = main
    .map((one) => tasks.filter((task) => thread(task) === one))
    .sort((a, b) => b.length - a.length)
  return most.map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, processor: tdur / 1000 }))
}
