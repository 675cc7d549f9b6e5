import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Dataset } from '../../src/dataset/index.js'
import { runOracle } from '../oracles/python.js'

/** What MXNet reads of a dataset, or we: compared as a whole. */
export interface DatasetReading {
  /** Keys of the images of each identity, by identity record. */
  ranges: Record<string, [number, number]>
  images: { key: number; id: number; labels: number[]; sha256: string }[]
}

export async function readWithMxnet(folder: string): Promise<DatasetReading> {
  return JSON.parse(await runOracle('mxnet', 'dataset_read.py', join(folder, 'train'))) as DatasetReading
}

/** Our own reading. In datasets that we write, the id of an image is its key. */
export async function readOurselves(folder: string): Promise<DatasetReading> {
  const dataset = await Dataset.open(folder)
  const images: DatasetReading['images'] = []
  for await (const { key, label, extraLabels, bytes } of dataset.images()) {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    images.push({ key, id: key, labels: [label, ...extraLabels], sha256 })
  }
  const ranges: DatasetReading['ranges'] = {}
  if (dataset.dialect === 'insightface') {
    const identities = await dataset.identities()
    let start = 1
    for (const [label, count] of identities.images.entries()) {
      ranges[images.length + 1 + label] = [start, start + count]
      start += count
    }
  }
  await dataset.close()
  return { ranges, images }
}
