import { lstat } from 'node:fs/promises'
import { UsageError } from '../errors/index.js'

/** For stages that write a single file. @throws UsageError where a folder, or what may not be replaced, is in its place */
export async function refuseExistingFile(output: string, replace: boolean): Promise<void> {
  const found = await lstat(output).catch(() => undefined)
  if (found?.isDirectory()) throw new UsageError(`${output} is a folder. Choose another output`)
  if (found !== undefined && !replace) {
    throw new UsageError(`${output} exists. Choose another output, or give --replace`)
  }
}
