import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findDatasetFiles, readDescription } from '../dataset/index.js'
import { OutputError } from '../errors/index.js'
import type { Step } from './step.js'

/**
 * Refuses a step whose output has no room, before it works for hours: `expect.free`, else, for a dataset, what the
 * published version takes, or the datasets that it is made of. @throws OutputError
 */
export async function checkFreeSpace({ stage, name, inputs, output, expect }: Step): Promise<void> {
  const free = await freeBytes(output.path)
  if (free === undefined) return
  if (expect.free !== undefined && free < expect.free.bytes) {
    throw spaceError(output.path, free, `${expect.free.text} is expected`)
  }
  if (output.kind !== 'dataset') return
  const current = await datasetBytes(output.path)
  const read = inputs.filter(({ kind }) => kind === 'dataset').map(({ path }) => datasetBytes(path))
  const needed = current ?? (await Promise.all(read)).reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
  if (free < needed) {
    throw spaceError(output.path, free, `${stage.name} ${name} will take about ${sizeText(needed)}`)
  }
}

function spaceError(path: string, free: number, needed: string): OutputError {
  return new OutputError(
    `the disk of ${path} has ${sizeText(free)} free, and ${needed}. Free space and run again`,
  )
}

/** Free for this user on the disk that a path is or will be on; undefined where the system does not tell. */
async function freeBytes(path: string): Promise<number | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    } catch {
      if (dirname(folder) === folder) return undefined
    }
  }
}

async function datasetBytes(path: string): Promise<number | undefined> {
  try {
    const { description, folder } = await findDatasetFiles(path)
    if (description === undefined) return undefined
    const { files } = await readDescription(join(folder, 'dataset.json'))
    return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0)
  } catch {
    return undefined
  }
}

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
