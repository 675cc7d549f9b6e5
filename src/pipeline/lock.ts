import { join } from 'node:path'
import { FileLock } from '../locks/index.js'
import type { Log } from '../progress/progress.js'

const FILE = '.facedata.lock'

/** One pipeline at a time writes into a datasets folder. @throws LockedError naming the owner; OutputError */
export function lockDatasets(folder: string, pipeline: string, log: Log): Promise<FileLock> {
  return FileLock.acquire(join(folder, FILE), pipeline, log)
}
