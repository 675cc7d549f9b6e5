export { transfer } from './transfer.js'
export { type RunOptions, type Task, WorkerPool } from './worker-pool.js'
