import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type DatasetDescription, fingerprintOf } from '../../dataset/index.js'
import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import { InputFile, readWholeFile } from '../../io/index.js'
import type { FaultReport } from './fault-report.js'

const CHUNK_BYTES = 4 * 1024 * 1024

interface Difference {
  problem: string
  expected: string
  actual: string
}

/**
 * The files that `dataset.json` names, against the sizes and hashes there. That a file has other bytes is told last, and
 * only where no other check found what is wrong in it: one cause, one fault.
 */
export class WholeFiles {
  readonly #report: FaultReport
  /** Names of files that are as they were written. */
  readonly #intact = new Set<string>()
  readonly #different = new Map<string, Difference>()
  readonly #description: DatasetDescription | undefined

  private constructor(description: DatasetDescription | undefined, report: FaultReport) {
    this.#description = description
    this.#report = report
  }

  /** Checks all files but the `.rec` file, whose bytes come with the walk: see `finishRecords`. */
  static async check(
    folder: string,
    description: DatasetDescription | undefined,
    report: FaultReport,
  ): Promise<WholeFiles> {
    const files = new WholeFiles(description, report)
    if (description === undefined) return files
    await files.#checkDescription(join(folder, 'dataset.json'))
    for (const name of Object.keys(description.files)) await files.#checkFile(folder, name)
    return files
  }

  /** Whether the file is known to be as it was written. */
  isIntact(name: string): boolean {
    return this.#intact.has(name)
  }

  /** Whether the file is known to be another than was written. */
  isChanged(name: string): boolean {
    return this.#different.has(name)
  }

  /** Takes the hash of the whole `.rec` file. @param lost records beyond its end */
  finishRecords(name: string, hash: bigint, lost: number): void {
    const stated = this.#description?.files[name]
    const difference = this.#different.get(name)
    if (stated === undefined) return
    if (difference === undefined) this.#compareHash(name, stated.xxh64, hash)
    else if (lost > 0) {
      this.#report.add({
        kind: 'file',
        file: name,
        ...difference,
        problem: `${difference.problem}; ${lost} records are missing`,
      })
    }
  }

  /** Tells of files whose bytes are others, though nothing that they say is wrong. */
  finish(): void {
    for (const [file, difference] of this.#different) {
      if (!this.#report.blames(file)) this.#report.add({ kind: 'file', file, ...difference })
    }
  }

  async #checkFile(folder: string, name: string): Promise<void> {
    const path = join(folder, name)
    const expected = this.#description!.files[name]!
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) {
      if (!this.#report.blames(name)) {
        this.#report.add({
          kind: 'file',
          file: name,
          problem: 'no such file',
          fix: 'Copy the dataset again.',
        })
      }
    } else if (found.size !== expected.bytes) {
      this.#different.set(name, {
        problem: 'not the size that dataset.json says',
        expected: `${expected.bytes} bytes`,
        actual: `${found.size} bytes`,
      })
    } else if (name !== 'train.rec') {
      try {
        this.#compareHash(name, expected.xxh64, await hashFile(path))
      } catch (error) {
        this.#report.addError('file', name, error)
      }
    }
  }

  #compareHash(name: string, expected: string, hash: bigint): void {
    const actual = hashToHex(hash)
    if (actual === expected) this.#intact.add(name)
    else
      this.#different.set(name, {
        problem: 'its bytes are not those that dataset.json says',
        expected: `xxh64 ${expected}`,
        actual,
      })
  }

  /** `dataset.json` holds a hash of itself. */
  async #checkDescription(path: string): Promise<void> {
    const { fingerprint, ...rest } = JSON.parse(
      (await readWholeFile(path)).toString('utf8'),
    ) as DatasetDescription
    const actual = fingerprintOf(rest)
    if (actual === fingerprint) this.#intact.add(basename(path))
    else {
      this.#different.set(basename(path), {
        problem: 'its fingerprint is not that of what it says',
        expected: fingerprint,
        actual,
      })
    }
  }
}

async function hashFile(path: string): Promise<bigint> {
  const file = await InputFile.open(path)
  try {
    const hash = createXxh64()
    const chunk = new Uint8Array(CHUNK_BYTES)
    for (let offset = 0; offset < file.size; ) {
      const filled = await file.read(chunk, offset)
      if (filled === 0) break
      hash.update(chunk.subarray(0, filled))
      offset += filled
    }
    return hash.digest()
  } finally {
    await file.close()
  }
}
