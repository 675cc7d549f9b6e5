import { statfs } from 'node:fs/promises'
import { OutputError } from '../../../errors/index.js'

/** @throws OutputError where the disk of an existing folder has fewer bytes free */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes) return
  throw new OutputError(
    `${folder} needs ${megabytes(bytes)} and has ${megabytes(free)} free. Free some space, or name a folder ` +
      'on another disk with --dir.',
  )
}

/** `259 MB` */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`
}
