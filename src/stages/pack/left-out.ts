import { join } from 'node:path'
import type { Source } from '../../dataset/index.js'
import { InputError, StrictError } from '../../errors/index.js'
import { writeFileAtomically } from '../../io/index.js'
import type { Parts } from './parts.js'
import type { UnnamedFile } from './scanned-inputs.js'

/** Reasons shown in an error or a warning. */
export const REASONS_SHOWN = 3

/** The files whose images do not get into the dataset, where that makes a pack fail. */
export class LeftOut {
  readonly #parts: Parts
  readonly #positions: Uint32Array
  readonly #unnamed: UnnamedFile[]
  readonly #sources: Source[]
  readonly #minimum: number

  /**
   * @param positions of the files that have an identity
   * @param unnamed those that have none
   */
  constructor(
    parts: Parts,
    positions: Uint32Array,
    unnamed: UnnamedFile[],
    { sources, minimum }: { sources: Source[]; minimum: number },
  ) {
    this.#parts = parts
    this.#positions = positions
    this.#unnamed = unnamed
    this.#sources = sources
    this.#minimum = minimum
  }

  /** Lists them in the scratch folder. @throws StrictError where a file could not be stored */
  async refuseSkipped(scratch: string): Promise<void> {
    const positions = this.#positions.filter((position) => !this.#parts.isStored(position))
    const skipped = [...this.#unnamed, ...this.#filesAt(positions)]
    if (skipped.length === 0) return
    const list = join(scratch, 'skipped.jsonl')
    const lines = skipped.map(({ source, path, reason }) => {
      return `${JSON.stringify({ source: this.#sources[source]!.name, path, reason })}\n`
    })
    await writeFileAtomically(list, lines.join(''))
    throw new StrictError(
      `${skipped.length} skipped, and --strict was given: nothing is published. ${this.#someReasons(skipped)}. All of them: ${list}`,
    )
  }

  /** The error where nothing else is there. */
  nothingLeft(): InputError {
    const some = [
      ...this.#unnamed.slice(0, REASONS_SHOWN),
      ...this.#filesAt(this.#positions.subarray(0, REASONS_SHOWN)),
    ]
    return new InputError({
      problem: 'no image is left to pack',
      actual: `${this.#unnamed.length + this.#positions.length} image files. ${this.#someReasons(some)}`,
    })
  }

  #filesAt(positions: Uint32Array): UnnamedFile[] {
    return Array.from(positions, (position) => {
      const { source, path, outcome } = this.#parts.read(position)
      const reason = 'reason' in outcome ? outcome.reason : `below --min-images ${this.#minimum}`
      return { source, path, reason }
    })
  }

  #someReasons(files: UnnamedFile[]): string {
    return files
      .slice(0, REASONS_SHOWN)
      .map(({ source, path, reason }) => `${this.#sources[source]!.name}/${path}: ${reason}`)
      .join('; ')
  }
}
