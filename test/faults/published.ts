import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect } from 'vitest'
import { Dataset } from '../../src/dataset/index.js'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'

/** A cache, which holds times and so differs from run to run. */
export const CACHE = 'sources.arrow'

/** The fingerprint of a published dataset; fails the test where it is not whole: every hash, every image. */
export async function wholeFingerprint(output: string): Promise<string> {
  const dataset = await Dataset.open(output)
  try {
    const { fingerprint, files } = dataset.description!
    expect(basename(readlinkSync(output))).toBe(fingerprint)
    for (const [name, { bytes, xxh64: hash }] of Object.entries(files)) {
      const content = readFileSync(join(output, name))
      expect([name, content.length, hashToHex(xxh64(content))]).toEqual([name, bytes, hash])
    }
    let images = 0
    for await (const batch of dataset.imageBatches()) images += batch.length
    expect(images).toBe(dataset.imageCount)
    return fingerprint
  } finally {
    await dataset.close()
  }
}

/** The files of a version by name, without the cache. */
export function versionFiles(output: string): Map<string, Buffer> {
  const names = readdirSync(output).filter((name) => name !== CACHE)
  return new Map(names.sort().map((name) => [name, readFileSync(join(output, name))]))
}

/** What lies beside a published dataset besides its versions: what runs left that did not clear up. */
export function leftovers(output: string): string[] {
  const folder = dirname(output)
  const beside = readdirSync(folder).filter((name) => name !== '.versions' && name !== basename(output))
  const versions = readdirSync(join(folder, '.versions', basename(output)))
  return [...beside, ...versions.filter((name) => !/^[0-9a-f]{16}$/.test(name))]
}
