import { lstat } from 'node:fs/promises'
import { refuseExisting } from '../dataset/publish.js'
import { UsageError } from '../errors/index.js'
import { isPublishedFolder } from './published-folder.js'
import { type Output, outputPaths } from './stage.js'

/**
 * Refuses an output that exists, before any work is done and again before it is published. With `replace`, a file and
 * what facedata itself published may be written over; nothing else is. A run is not looked at: training resumes it.
 * @throws UsageError
 */
export async function refuseExistingOutput(output: Output, replace: boolean): Promise<void> {
  for (const path of outputPaths(output)) await refuseExistingAt(path, output.kind, replace)
}

async function refuseExistingAt(path: string, kind: Output['kind'], replace: boolean): Promise<void> {
  if (kind === 'run') return
  if (kind === 'dataset') return refuseExisting(path, replace)
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (found.isDirectory() !== (kind === 'folder')) {
    const is = found.isDirectory() ? 'folder' : 'file'
    throw new UsageError(`${path} is a ${is}, where a ${kind} is to be written. Choose another output`)
  }
  if (!replace) throw new UsageError(`${path} exists. Choose another output, or give --replace`)
  if (kind === 'folder' && !(await isPublishedFolder(path))) {
    throw new UsageError(
      `${path} is a folder that facedata did not write, and is never replaced. Choose another output, or move it away`,
    )
  }
}
