import type { PickleSink } from '../../src/pickle/index.js'

/** A sink in memory. It copies, since a writer may reuse its pieces. */
export function collect(): PickleSink & { bytes(): Buffer } {
  const pieces: Buffer[] = []
  return {
    async write(...more) {
      for (const piece of more) pieces.push(Buffer.from(piece))
    },
    bytes: () => Buffer.concat(pieces),
  }
}
