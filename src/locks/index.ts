export { FileLock } from './file-lock.js'
export { outputLockPath, withOutputLocks } from './output-locks.js'
