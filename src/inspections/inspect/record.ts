import { type Dataset, readList, readManifest } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import { probe } from '../../image/index.js'
import { RecordReader, readIndex, unpackImage } from '../../recordio/index.js'

/** One record as it stands in the `.rec` file. */
export interface RecordInspection {
  key: number
  /** `numbers`: a header or identity record, which holds no image. */
  kind: 'image' | 'numbers'
  /** Where it begins in the `.rec` file. */
  offset: number
  /** Payload bytes. */
  length: number
  header: { flag: number; label: number; labels: number[]; id: string; id2: string }
  /** Of an image; fields that nothing tells are missing. */
  image?: {
    bytes: number
    format?: string
    width?: number
    height?: number
    identity?: string
    source?: string
    path?: string
  }
}

/** The record with a key. @throws InputError where the dataset has none */
export async function inspectRecord(dataset: Dataset, key: number): Promise<RecordInspection> {
  const { records } = dataset.files
  const offset = await offsetOf(dataset, key)
  const reader = await RecordReader.open(records)
  try {
    const { payload } = await reader.readAt(offset)
    const { header, image } = unpackImage(payload, { file: records, record: key, offset })
    const isImage = image.length > 0
    return {
      key,
      kind: isImage ? 'image' : 'numbers',
      offset,
      length: payload.length,
      header: {
        flag: header.flag,
        label: header.label,
        labels: [...header.labels],
        id: String(header.id),
        id2: String(header.id2),
      },
      ...(isImage
        ? { image: await inspectImage(dataset, key, header.labels[0] ?? header.label, image) }
        : {}),
    }
  } finally {
    await reader.close()
  }
}

/** The lines of a record for the console. */
export function describeRecord({ key, kind, offset, length, header, image }: RecordInspection): string[] {
  const labels = header.flag === 0 ? `label ${header.label}` : `labels ${header.labels.join(', ')}`
  const lines = [
    `record ${key}: ${kind === 'image' ? 'an image' : 'numbers, no image'}`,
    `  at offset ${offset}, ${length} bytes, flag ${header.flag}, ${labels}, id ${header.id}, id2 ${header.id2}`,
  ]
  if (image === undefined) return lines
  const size = image.width === undefined ? '' : ` ${image.width}x${image.height}`
  lines.push(`  image: ${image.format ?? 'unknown format'}${size}, ${image.bytes} bytes`)
  if (image.identity !== undefined) lines.push(`  identity: ${image.identity}`)
  if (image.path !== undefined) {
    lines.push(`  from: ${image.source === undefined ? '' : `${image.source}, `}${image.path}`)
  }
  return lines
}

async function offsetOf(dataset: Dataset, key: number): Promise<number> {
  const { index, records } = dataset.files
  const { keys, offsets } = index === undefined ? await dataset.table() : await readIndex(index)
  const offset = offsets[keys.indexOf(key)]
  if (offset !== undefined) return offset
  throw new InputError({
    file: index ?? records,
    record: key,
    problem: 'the dataset has no record with this key',
    expected: `a key from ${keys.reduce((a, b) => Math.min(a, b))} to ${keys.reduce((a, b) => Math.max(a, b))}`,
    actual: key,
  })
}

async function inspectImage(dataset: Dataset, key: number, label: number, bytes: Uint8Array) {
  const found = probe(bytes)
  const identity = (await dataset.identityNames())[label]
  return {
    bytes: bytes.length,
    ...(found === undefined ? {} : { format: found.format, width: found.width, height: found.height }),
    ...(identity === undefined ? {} : { identity }),
    ...(await originOf(dataset, key)),
  }
}

/** Where an image came from: by the manifest, else by the `.lst` file. */
async function originOf(dataset: Dataset, key: number): Promise<{ source?: string; path?: string }> {
  const { manifest, list } = dataset.files
  if (dataset.description !== undefined && manifest !== undefined) {
    for await (const batch of readManifest(manifest)) {
      const row = batch.keys.indexOf(key)
      if (row === -1) continue
      const source = dataset.description.sources[batch.sources[row]!]
      return { path: batch.path(row), ...(source === undefined ? {} : { source: source.name }) }
    }
  } else if (list !== undefined) {
    for await (const row of readList(list)) if (row.key === key) return { path: row.path }
  }
  return {}
}
