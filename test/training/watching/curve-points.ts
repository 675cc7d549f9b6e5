import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readFields } from '../../../src/protobuf/index.js'
import { readTfRecords } from '../../../src/tensorboard/index.js'

/**
 * What the event files of a folder hold, in the order in which TensorBoard reads them: points as [tag, step, value], a
 * start as ['start', step]. Fails where a file ends in something that is no record.
 */
export async function curvePoints(folder: string): Promise<unknown[][]> {
  const found: unknown[][] = []
  for (const name of (await readdir(folder)).sort()) {
    const bytes = await readFile(join(folder, name))
    const records = [...readTfRecords(bytes)]
    if (records.at(-1)?.end !== bytes.length) throw new Error(`${name} ends in a broken record`)
    for (const { data } of records) found.push(...pointsOf(data))
  }
  return found
}

function pointsOf(event: Uint8Array): unknown[][] {
  const fields = new Map([...readFields(event, 'event')].map((field) => [field.number, field]))
  const step = fields.get(2)?.integer
  if (fields.has(7)) return [['start', step]]
  const summary = fields.get(5)
  if (summary === undefined) return []
  return [...readFields(summary.bytes, 'summary')].map(({ bytes }) => {
    const value = new Map([...readFields(bytes, 'value')].map((field) => [field.number, field.bytes]))
    return [Buffer.from(value.get(1)!).toString(), step, Buffer.from(value.get(2)!).readFloatLE()]
  })
}
