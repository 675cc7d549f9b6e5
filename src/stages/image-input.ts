import { type Stats, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Dataset, locateDataset, resolveDataset } from '../dataset/index.js'
import { BinSource, DatasetSource, type ImageSource } from '../embeddings/index.js'
import { InputError } from '../errors/index.js'
import { binPlaces } from './evaluate/locate.js'
import { FolderSource } from './folder-source.js'
import type { Input } from './stage.js'

/** A dataset, a folder of photos or a bin, as a plan froze it. */
export interface ImageInput {
  kind: 'dataset' | 'folder' | 'bin'
  /** Absolute. */
  path: string
  /** Changes when the content does: a fingerprint; of a folder, of names, sizes and times; of a bin, of size and time. */
  stamp: string
  images: number
}

/** Where the input stands, or will stand once a step has made it. */
export async function imageInputOf(name: string, datasets: string | undefined): Promise<Input> {
  const found = await locateImages(name, datasets)
  if (found === undefined) return { path: await locateDataset(name, datasets), kind: 'dataset' }
  return { path: found.path, kind: found.kind === 'bin' ? 'file' : found.kind }
}

/** @throws InputError where there is none, naming the datasets there are */
export async function freezeImages(name: string, datasets: string | undefined): Promise<ImageInput> {
  const found = await locateImages(name, datasets)
  const { kind, path } = found ?? { kind: 'dataset', path: await resolveDataset(name, datasets) }
  const { source, stamp } = await openSource(kind, path)
  try {
    return { kind, path, stamp, images: source.images }
  } finally {
    await source.close()
  }
}

/** @throws InputError where it changed since the plan */
export async function reopenImages(input: ImageInput): Promise<ImageSource> {
  const { source, stamp } = await openSource(input.kind, input.path)
  if (stamp === input.stamp) return source
  await source.close()
  throw new InputError({
    file: input.path,
    problem: 'it changed after the work was planned',
    fix: 'Run the same command again.',
  })
}

/** A dataset, a folder of photos or a bin, open. */
export interface OpenImages extends Pick<ImageInput, 'kind' | 'path'> {
  source: ImageSource
  /** Where it is one; closed with the source. */
  dataset?: Dataset
}

/** For what is read at once, without a plan. @throws InputError where there is none, naming the datasets there are */
export async function openImages(name: string, datasets: string | undefined): Promise<OpenImages> {
  const found = await locateImages(name, datasets)
  const { kind, path } = found ?? { kind: 'dataset', path: await resolveDataset(name, datasets) }
  if (kind === 'bin') return { kind, path, source: await BinSource.open(path) }
  if (kind === 'folder') return { kind, path, source: await FolderSource.open(path) }
  const dataset = await Dataset.open(path)
  return { kind, path, source: new DatasetSource(dataset), dataset }
}

async function openSource(
  kind: ImageInput['kind'],
  path: string,
): Promise<{ source: ImageSource; stamp: string }> {
  if (kind === 'bin') return { source: await BinSource.open(path), stamp: stampOf(path) }
  if (kind === 'folder') {
    const source = await FolderSource.open(path)
    return { source, stamp: source.stamp() }
  }
  const dataset = await Dataset.open(path)
  return { source: new DatasetSource(dataset), stamp: await dataset.fingerprint() }
}

async function locateImages(
  name: string,
  datasets: string | undefined,
): Promise<Pick<ImageInput, 'kind' | 'path'> | undefined> {
  const path = await locateDataset(name, datasets)
  const found = statOf(path)
  if (found === undefined) {
    const bin = [...binPlaces(name, datasets)].find((place) => statOf(place)?.isFile())
    return bin === undefined ? undefined : { kind: 'bin', path: bin }
  }
  if (!found.isDirectory()) return { kind: path.endsWith('.rec') ? 'dataset' : 'bin', path }
  const holdsRecords = (await readdir(path)).some((file) => file.endsWith('.rec'))
  return { kind: holdsRecords ? 'dataset' : 'folder', path }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

function stampOf(path: string): string {
  const { size, mtimeMs } = statSync(resolve(path))
  return `${size} ${mtimeMs}`
}
