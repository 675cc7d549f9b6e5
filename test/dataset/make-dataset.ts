import { join } from 'node:path'
import { DatasetWriter, type NewDataset, publishDataset } from '../../src/dataset/index.js'
import { OutputFile } from '../../src/io/index.js'
import { indexLine, packImageHeader, RecordWriter } from '../../src/recordio/index.js'

/** Bytes that stand for an image: datasets store them as they are. Every length mod 4, some with magic words. */
export function imageBytes(identity: string, number: number): Buffer {
  const text = Buffer.from(`${identity} ${number} ${'.'.repeat(number % 5)}`)
  return number % 3 === 2 ? Buffer.concat([Buffer.from('0a23d7ce0a23d7ce', 'hex'), text]) : text
}

export const newDataset: NewDataset = {
  name: 'tiny',
  dialect: 'insightface',
  height: 112,
  width: 112,
  sources: [{ kind: 'folder', name: 'photos', licence: 'CC0' }],
  stage: 'pack',
  options: { size: 112 },
}

/** Writes the images of identities, given as name and number of images, without publishing. */
export async function writeDataset(
  folder: string,
  identities: Record<string, number>,
  settings: Partial<NewDataset> = {},
) {
  const writer = await DatasetWriter.create(folder, { ...newDataset, ...settings })
  try {
    for (const [name, images] of Object.entries(identities)) {
      const label = writer.addIdentity({ name, source: 0, sourceName: name, sourceLabel: -1 })
      for (let i = 0; i < images; i++) {
        writer.addImage({
          label,
          bytes: imageBytes(name, i),
          source: 0,
          path: `${name}/${i}.jpg`,
          width: 112,
          height: 112,
          format: 'jpeg',
        })
      }
    }
    return await writer.finish()
  } catch (error) {
    await writer.discard()
    throw error
  }
}

/** Publishes a dataset of facedata as `datasets/name`, and returns its path. */
export async function publishTiny(
  datasets: string,
  name: string,
  identities: Record<string, number>,
  settings: Partial<NewDataset> = {},
): Promise<string> {
  const output = join(datasets, name)
  const written = await writeDataset(join(datasets, '.scratch', name), identities, { name, ...settings })
  await publishDataset(written, output, { strict: false, replace: true })
  return output
}

/** A record of a `.rec` file of another tool. */
export interface ForeignRecord {
  key: number
  labels: number[]
  /** Stands in the header; the key where it is not given. */
  id?: number
  /** No image where it is missing. */
  bytes?: Uint8Array
}

/** Writes `stem.rec` and `stem.idx` as another tool would: flag 0 for one label. */
export async function writeForeign(stem: string, records: ForeignRecord[]): Promise<void> {
  const file = await OutputFile.create(`${stem}.rec`)
  const writer = new RecordWriter(file)
  const lines: string[] = []
  for (const { key, labels, id, bytes } of records) {
    const header =
      labels.length === 1
        ? packImageHeader({ label: labels[0]!, id: BigInt(id ?? key) })
        : packImageHeader({ label: 0, id: BigInt(id ?? key), labels: Float32Array.from(labels) })
    lines.push(indexLine(key, writer.append(header, bytes ?? new Uint8Array(0))))
  }
  await writer.flush()
  await file.close()
  const index = await OutputFile.create(`${stem}.idx`)
  await index.write(Buffer.from(lines.join('')))
  await index.close()
}
