import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManifestRows, ManifestWriter } from '../../src/dataset/index.js'
import { InputError } from '../../src/errors/index.js'
import { AtomicFile } from '../../src/io/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()
/** More than a batch. */
const ROWS = 70_000

async function writeManifest(path: string, rows: number): Promise<void> {
  const file = await AtomicFile.create(path)
  const writer = new ManifestWriter(file)
  const same = { source: 0, length: 9, width: 112, height: 112, format: 1 }
  for (let i = 0; i < rows; i++) {
    writer.append({
      ...same,
      key: i + 1,
      label: i % 7,
      path: `${i}.jpg`,
      offset: 2 ** 33 + i,
      xxh64: BigInt(i),
    })
    if (i % 10_000 === 0) await writer.ready()
  }
  await writer.finish()
  await file.commit()
}

describe('ManifestRows', () => {
  it('reads rows in any order, of two batches', async () => {
    const path = join(folder, 'manifest.arrow')
    await writeManifest(path, ROWS)
    const manifest = await ManifestRows.open(path)
    const positions = [ROWS - 1, 0, 65_536, 65_535, 69_000, 1, 0]
    const rows = await manifest.rows(positions)
    expect(rows.map(({ key, path, offset, xxh64 }) => [key, path, offset, xxh64])).toEqual(
      positions.map((i) => [i + 1, `${i}.jpg`, 2 ** 33 + i, BigInt(i)]),
    )
    for (const missing of [ROWS, 10 * ROWS]) {
      await expect(manifest.rows([missing])).rejects.toThrow(InputError)
    }
    await manifest.close()
  })
})
