import { xxh64 } from '../../hash/xxh64.js'
import { fitName } from './safe-name.js'

/** Stands for no hash in the table; a name whose hash it is counts as taken, and gets a number. */
const FREE = 0n

/**
 * Gives out names that are distinct in their folder, for file systems too that do not tell upper from lower case. A name
 * that is taken gets the next free number behind it: `a.jpg (2).jpg` sorts where `a.jpg` did. Of the names given out
 * only 64-bit hashes are kept: about 16 bytes a name.
 */
export class NameRegister {
  readonly #hashes: BigUint64Array
  /** By hash of a name that was asked for again: the last number given out. */
  readonly #numbers = new Map<bigint, number>()

  /** @param names how many are going to be given out */
  constructor(names: number) {
    this.#hashes = new BigUint64Array(2 ** Math.ceil(Math.log2(1.5 * names + 2)))
  }

  /**
   * @param folder number of the folder
   * @param extension the one that `name` ends with; repeated behind a number
   */
  take(folder: number, name: string, extension = ''): string {
    const plain = fitName(name.slice(0, name.length - extension.length), extension)
    const hash = hashOf(folder, plain)
    if (this.#add(hash)) return plain
    for (let number = (this.#numbers.get(hash) ?? 1) + 1; ; number++) {
      const numbered = fitName(plain, ` (${number})${extension}`)
      if (!this.#add(hashOf(folder, numbered))) continue
      this.#numbers.set(hash, number)
      return numbered
    }
  }

  /** False where the hash was there. */
  #add(hash: bigint): boolean {
    if (hash === FREE) return false
    const mask = this.#hashes.length - 1
    let at = Number(hash & BigInt(mask))
    for (; this.#hashes[at] !== FREE; at = (at + 1) & mask) if (this.#hashes[at] === hash) return false
    this.#hashes[at] = hash
    return true
  }
}

/** macOS and Windows do not tell upper from lower case, nor composed letters from the same with combining marks. */
function hashOf(folder: number, name: string): bigint {
  return xxh64(Buffer.from(`${folder}/${name.normalize('NFC').toLowerCase()}`, 'utf8'))
}
