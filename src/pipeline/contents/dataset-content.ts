import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type DatasetDescription,
  findDatasetFiles,
  fingerprintOf,
  foreignFingerprint,
  readDescription,
} from '../../dataset/index.js'
import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import { InputFile } from '../../io/index.js'
import type { Content, ContentSettings } from './content.js'
import { statOf } from './file-list.js'
import { hashOf, line, stateOf } from './hashed-content.js'

/** @throws InputError where there is no dataset that can be read */
export async function datasetContent(path: string, settings: ContentSettings): Promise<Content> {
  const { description, records, index } = await findDatasetFiles(path)
  if (description === undefined) return foreignContent(records, index)
  return describedContent(dirname(description), await readDescription(description), settings)
}

/**
 * The fingerprint, if the files are still what the description says. One that was not seen before is believed, as long
 * as the sizes are right: it was hashed as it was written.
 */
async function describedContent(
  folder: string,
  description: DatasetDescription,
  { known, reread = false, signal }: ContentSettings,
): Promise<Content> {
  const { fingerprint, ...rest } = description
  const files = Object.entries(description.files)
  const states = createXxh64()
  let areWhole = true
  for (const [name, { bytes }] of files) {
    const found = await statOf(join(folder, name))
    states.update(line(name, found === undefined ? 'missing' : stateOf(found)))
    areWhole &&= found?.size === bytes
  }
  const state = `${fingerprint} ${hashToHex(states.digest())}`
  if (known?.state === state && !reread) return known
  const isNew = known === undefined || !known.state.startsWith(`${fingerprint} `)
  if (isNew && areWhole && !reread && fingerprintOf(rest) === fingerprint) {
    return { digest: fingerprint, state }
  }
  const actual: DatasetDescription['files'] = {}
  for (const [name] of files) {
    signal?.throwIfAborted()
    const found = await statOf(join(folder, name))
    const xxh64 = found === undefined ? 'missing' : await hashOf(join(folder, name), found.size)
    actual[name] = { bytes: found?.size ?? 0, xxh64 }
  }
  return { digest: fingerprintOf({ ...rest, files: actual }), state }
}

async function foreignContent(records: string, index: string | undefined): Promise<Content> {
  const { size, mtimeMs } = await stat(records)
  const file = await InputFile.open(records)
  try {
    return { digest: `${await foreignFingerprint(file, index)} ${size} ${mtimeMs}`, state: '' }
  } finally {
    await file.close()
  }
}
