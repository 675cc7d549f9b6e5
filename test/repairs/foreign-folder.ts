import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Dataset, describedImages } from '../../src/dataset/index.js'
import { type ForeignRecord, imageBytes, writeForeign } from '../dataset/make-dataset.js'

export const image = (key: number, ...labels: number[]): ForeignRecord => ({
  key,
  labels,
  bytes: imageBytes('x', key),
})

/** Makes a folder with `stem.rec` and `stem.idx` of another tool. */
export async function foreignFolder(path: string, records: ForeignRecord[], stem = 'train'): Promise<string> {
  await mkdir(path, { recursive: true })
  await writeForeign(join(path, stem), records)
  return path
}

/** A writable copy of a folder. */
export async function copyFolder(from: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from)) {
    await cp(join(from, name), join(to, name), { recursive: true, mode: 0 })
  }
  return to
}

/** Content of the files of a folder. */
export async function filesOf(folder: string): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {}
  for (const name of (await readdir(folder)).sort()) files[name] = await readFile(join(folder, name))
  return files
}

/** All that a dataset says of its images, and its names. */
export async function readAll(path: string) {
  const dataset = await Dataset.open(path)
  try {
    const images = []
    for await (const image of describedImages(dataset)) {
      images.push({
        ...image,
        extraLabels: [...image.extraLabels],
        bytes: Buffer.from(image.bytes).toString('base64'),
      })
    }
    const { names, images: counts, firstKeys } = await dataset.identities()
    const table = await dataset.table()
    return {
      dialect: dataset.dialect,
      size: [dataset.height, dataset.width],
      images,
      names: Array.from(names),
      counts: [...counts],
      firstKeys: [...firstKeys],
      table: { keys: [...table.keys], labels: [...table.labels], offsets: [...table.offsets] },
    }
  } finally {
    await dataset.close()
  }
}
