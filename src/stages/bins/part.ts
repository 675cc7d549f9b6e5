import { join } from 'node:path'
import { createXxh64, hashToHex, type StreamingHash, xxh64 } from '../../hash/xxh64.js'
import {
  InputFile,
  OutputFile,
  readWholeFile,
  removeTree,
  renamePath,
  writeFileAtomically,
} from '../../io/index.js'
import type { ShardResult } from '../stage.js'
import type { PlannedPair } from './shard.js'

/** What became of a pair: the lengths of its two images in the shard's file, or why it was left out. */
export interface PartRow {
  pair: PlannedPair
  lengths?: [number, number]
  skipped?: string
}

/** What a shard wrote: the images of its pairs one after another, and a row a pair. */
export class PartWriter {
  readonly #scratch: string
  readonly #name: string
  readonly #images: OutputFile
  readonly #hash: StreamingHash = createXxh64()
  readonly #rows: PartRow[] = []
  #skipped = 0

  private constructor(scratch: string, name: string, images: OutputFile) {
    this.#scratch = scratch
    this.#name = name
    this.#images = images
  }

  static async create(scratch: string, shard: number): Promise<PartWriter> {
    const name = `part-${shard}`
    return new PartWriter(scratch, name, await OutputFile.create(join(scratch, `${name}.images.tmp`)))
  }

  async write(pair: PlannedPair, first: Uint8Array, second: Uint8Array): Promise<void> {
    await this.#images.write(first, second)
    this.#hash.update(first)
    this.#hash.update(second)
    this.#rows.push({ pair, lengths: [first.length, second.length] })
  }

  skip(pair: PlannedPair, reason: string): void {
    this.#rows.push({ pair, skipped: reason })
    this.#skipped++
  }

  /** Pairs that were left out since this was asked last, for progress. */
  takeSkipped(): number {
    const skipped = this.#skipped
    this.#skipped = 0
    return skipped
  }

  async finish(): Promise<ShardResult> {
    const images = `${this.#name}.images`
    const rows = `${this.#name}.rows`
    await this.#images.sync()
    await this.#images.close()
    await renamePath(this.#images.path, join(this.#scratch, images))
    const text = Buffer.from(this.#rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    await writeFileAtomically(join(this.#scratch, rows), text)
    return {
      files: [
        { path: images, bytes: this.#images.position, xxh64: hashToHex(this.#hash.digest()) },
        { path: rows, bytes: text.length, xxh64: hashToHex(xxh64(text)) },
      ],
      done: this.#rows.length,
      skipped: this.#rows.filter(({ skipped }) => skipped !== undefined).length,
    }
  }

  /** Drops what was written. */
  async discard(): Promise<void> {
    await this.#images.close()
    await removeTree(this.#images.path)
  }
}

/** The pairs of a shard in their order. @throws InputError */
export async function readRows(scratch: string, shard: number): Promise<PartRow[]> {
  const text = (await readWholeFile(join(scratch, `part-${shard}.rows`))).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PartRow)
}

/** The images of a shard, two for each pair that has lengths. @throws InputError */
export async function* readImages(
  scratch: string,
  shard: number,
  rows: PartRow[],
): AsyncGenerator<Uint8Array> {
  const file = await InputFile.open(join(scratch, `part-${shard}.images`))
  try {
    let offset = 0
    for (const { lengths } of rows) {
      for (const length of lengths ?? []) {
        yield await file.readExactly(offset, length)
        offset += length
      }
    }
  } finally {
    await file.close()
  }
}
