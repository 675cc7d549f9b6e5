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

/** The tasks of the main threads of all pages while something is done, from Chromium's trace. */
export async function mainThreadTasks(browser: Browser, act: () => Promise<unknown>): Promise<Task[]> {
  await browser.startTracing(undefined, { categories: ['-*', 'toplevel'] })
  await act()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[]
  }
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const main = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain')
      .map(thread),
  )
  return traceEvents
    .filter((event) => event.name === TASK && main.has(thread(event)))
    .map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, processor: tdur / 1000 }))
}
