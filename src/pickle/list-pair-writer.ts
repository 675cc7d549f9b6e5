import { Opcode } from './opcodes.js'

/** Where a pickle goes: an AtomicFile, an OutputFile. */
export interface PickleSink {
  write(...pieces: Uint8Array[]): Promise<void>
}

/** Protocol 3 is the first with bytes; every Python 3 reads it. */
const PROTOCOL = 3
const LARGEST_BYTES = 0xffff_ffff

/**
 * Writes the tuple `(list of bytes, list of bool)`. The bytes go straight through, so that their sum may exceed memory;
 * APPEND after each keeps the stack of whoever reads it short.
 */
export class ListPairWriter {
  readonly #sink: PickleSink

  private constructor(sink: PickleSink) {
    this.#sink = sink
  }

  static async begin(sink: PickleSink): Promise<ListPairWriter> {
    await sink.write(Uint8Array.of(Opcode.PROTO, PROTOCOL, Opcode.EMPTY_LIST))
    return new ListPairWriter(sink)
  }

  /** Adds an item to the first list. @throws RangeError from 4 GiB */
  async append(bytes: Uint8Array): Promise<void> {
    if (bytes.length > LARGEST_BYTES) throw new RangeError(`${bytes.length} bytes do not fit BINBYTES`)
    const head = new Uint8Array(5)
    head[0] = Opcode.BINBYTES
    new DataView(head.buffer).setUint32(1, bytes.length, true)
    await this.#sink.write(head, bytes, Uint8Array.of(Opcode.APPEND))
  }

  /** Writes the second list and ends the pickle; the sink stays open. */
  async finish(flags: Iterable<boolean>): Promise<void> {
    const codes: number[] = [Opcode.EMPTY_LIST]
    for (const flag of flags) codes.push(flag ? Opcode.NEWTRUE : Opcode.NEWFALSE, Opcode.APPEND)
    codes.push(Opcode.TUPLE2, Opcode.STOP)
    await this.#sink.write(Uint8Array.from(codes))
  }
}
