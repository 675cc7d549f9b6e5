import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import {
  type DatasetDescription,
  type DatasetFiles,
  findDatasetFiles,
  readDescription,
} from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'

/** The files of a dataset that may be damaged, and its description where that can be read. */
export interface DatasetParts {
  files: DatasetFiles
  /** False: `files.records` is missing. */
  hasRecords: boolean
  description: DatasetDescription | undefined
}

/**
 * Finds the files of a dataset. One whose `train.rec` is missing is known by the other files.
 * @throws InputError where nothing there is a dataset
 */
export async function findDatasetParts(path: string, report: FaultReport): Promise<DatasetParts> {
  const stripped = await withoutRecords(path)
  const files = stripped ?? (await findDatasetFiles(path))
  if (stripped !== undefined) {
    report.add({ kind: 'file', file: 'train.rec', problem: 'no such file', fix: 'Copy the dataset again.' })
  }
  let description: DatasetDescription | undefined
  if (files.description === undefined && files.manifest !== undefined) {
    report.add({
      kind: 'file',
      file: 'dataset.json',
      problem: 'no such file, though there is a manifest',
      fix: 'Copy the dataset again.',
    })
  }
  if (files.description !== undefined) {
    try {
      description = await readDescription(files.description)
    } catch (error) {
      report.addError('description', basename(files.description), error)
    }
  }
  return { files, hasRecords: stripped === undefined, description }
}

/** The files of a folder that is a dataset of facedata but for its `train.rec`; undefined for any other path. */
async function withoutRecords(path: string): Promise<DatasetFiles | undefined> {
  if (!(await stat(path)).isDirectory()) return undefined
  const folder = await realpath(path)
  const entries = new Set(await readdir(folder))
  const present = (name: string) => (entries.has(name) ? join(folder, name) : undefined)
  const description = present('dataset.json')
  if (description === undefined || [...entries].some((name) => name.endsWith('.rec'))) return undefined
  return {
    folder,
    name: basename(resolve(path)),
    records: join(folder, 'train.rec'),
    index: present('train.idx'),
    list: present('train.lst'),
    property: present('property'),
    manifest: present('manifest.arrow'),
    identities: present('identities.arrow'),
    description,
  }
}
