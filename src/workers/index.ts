export type { Task } from './task.js'
export { transfer } from './transfer.js'
export { type RunOptions, WorkerPool } from './worker-pool.js'
