import { OutputFile } from '../../src/io/index.js'
import { indexLine, RecordReader, RecordWriter } from '../../src/recordio/index.js'

/** Writes a `.rec` file and its `.idx`, keys counting from 0. Returns the offsets. */
export async function writeRecords(path: string, payloads: readonly Uint8Array[]): Promise<number[]> {
  const records = await OutputFile.create(path)
  const writer = new RecordWriter(records)
  const offsets: number[] = []
  for (const payload of payloads) offsets.push(writer.append(payload))
  await writer.flush()
  await records.close()
  const index = await OutputFile.create(path.replace(/\.rec$/, '.idx'))
  await index.write(Buffer.from(offsets.map((offset, key) => indexLine(key, offset)).join('')))
  await index.close()
  return offsets
}

/** All payloads of a `.rec` file, in hex. */
export async function readRecords(path: string): Promise<string[]> {
  const reader = await RecordReader.open(path)
  try {
    const payloads: string[] = []
    for await (const { payload } of reader.records()) payloads.push(Buffer.from(payload).toString('hex'))
    return payloads
  } finally {
    await reader.close()
  }
}
