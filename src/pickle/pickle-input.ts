import { InputError } from '../errors/index.js'
import { opcodeName } from './opcodes.js'

/** Longest argument that stands on a line of its own, other than a string: names and numbers. */
const LONGEST_LINE = 8192

/** A cursor over the bytes of a pickle. Every read is checked against what is left. */
export class PickleInput {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #file: string | undefined
  #offset = 0
  #opcodeOffset = 0
  #opcode = 0

  constructor(bytes: Uint8Array, file?: string) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#file = file
  }

  /** The next opcode; faults that follow are placed at it. */
  opcode(): number {
    this.#opcodeOffset = this.#offset
    if (this.#offset >= this.bytes.length) {
      throw new InputError({
        ...(this.#file === undefined ? {} : { file: this.#file }),
        offset: this.#offset,
        problem: 'the pickle ends without a STOP opcode: the file is truncated',
      })
    }
    this.#opcode = this.bytes[this.#offset++]!
    return this.#opcode
  }

  /** An error at the current opcode, which it names. */
  fault(problem: string, fix?: string): InputError {
    return new InputError({
      ...(this.#file === undefined ? {} : { file: this.#file }),
      offset: this.#opcodeOffset,
      problem: `pickle opcode ${opcodeName(this.#opcode)}: ${problem}`,
      ...(fix === undefined ? {} : { fix }),
    })
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  /** A 64-bit length as a number: one above the size of the input fails at the read that follows. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true))
  }

  /** BINFLOAT is the one big-endian argument. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false)
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.bytes.subarray(start, start + length)
  }

  /** A view up to the next newline, which is passed over. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.#offset)
    if (end < 0) throw this.fault('its argument has no newline at the end: the file is truncated')
    const line = this.bytes.subarray(this.#offset, end)
    this.#offset = end + 1
    return line
  }

  /** A short line of text: a name, a number, a key. */
  textLine(): string {
    const line = this.line()
    if (line.length > LONGEST_LINE) {
      throw this.fault(`its argument is ${line.length} bytes long, more than ${LONGEST_LINE}`)
    }
    return Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8')
  }

  #advance(length: number): number {
    const start = this.#offset
    const left = this.bytes.length - start
    if (length < 0 || length > left) {
      throw this.fault(
        `its argument should have ${length} bytes, the file has ${left} left`,
        'The file was cut short: copy or make it again.',
      )
    }
    this.#offset += length
    return start
  }
}
