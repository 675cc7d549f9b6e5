import { type ErrorMessage, errorToMessage } from './error-message.js'
import type { Task } from './task.js'

/** What `WorkerPool.run` sends: which exported function of which module to call, and with what. */
export interface TaskMessage {
  module: string
  name: string
  payload: unknown
}

/** How a failed task answers. A task that succeeds answers with its result as it is. */
export interface TaskFailure {
  [failureKey]: ErrorMessage
}

/** No result of a task has this key. */
export const failureKey = 'facedata:task-failure'

/** Runs in the worker thread for every task. */
export default async function runTask({ module, name, payload }: TaskMessage): Promise<unknown> {
  try {
    const tasks: Record<string, Task | undefined> = await import(module)
    const task = tasks[name]
    if (typeof task !== 'function') throw new TypeError(`${module} exports no function named ${name}`)
    return await task(payload)
  } catch (error) {
    return { [failureKey]: errorToMessage(error) } satisfies TaskFailure
  }
}
