import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { ListPairWriter, readPickle } from '../../src/pickle/index.js'
import { Opcode } from '../../src/pickle/opcodes.js'
import { collect } from './collect.js'

/** A result or a typed error; anything else fails the test. */
function survives(bytes: Uint8Array): void {
  try {
    readPickle(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
  }
}

const opcodes = fc.constantFrom(...Object.values(Opcode))

describe('mutations', () => {
  it('bytes changed, cut and inserted give a result or an InputError', async () => {
    const sink = collect()
    const writer = await ListPairWriter.begin(sink)
    for (let i = 0; i < 6; i++) await writer.append(Uint8Array.from({ length: i * 7 }, (_, k) => k))
    await writer.finish([true, false, true])
    const whole = sink.bytes()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.oneof(fc.nat(255), opcodes)), { maxLength: 8 }),
        fc.nat(whole.length),
        (changes, end) => {
          const bytes = Uint8Array.from(whole)
          for (const [at, value] of changes) bytes[at] = value
          survives(bytes)
          survives(bytes.subarray(0, end))
        },
      ),
      { numRuns: 2000, seed: 1 },
    )
  })

  it('any row of opcodes with any arguments gives a result or an InputError', () => {
    const argument = fc.oneof(
      fc.constant(new Uint8Array(0)),
      fc.uint8Array({ maxLength: 9 }),
      fc
        .constantFrom('1\n', "'a\\x41'\n", 'numpy\nndarray\n', 'numpy\ndtype\n', '\\u0041\n')
        .map((line) => Buffer.from(line)),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(opcodes, argument), { maxLength: 40 }), (steps) => {
        survives(Buffer.concat(steps.flatMap(([code, bytes]) => [Buffer.of(code), Buffer.from(bytes)])))
      }),
      { numRuns: 4000, seed: 2 },
    )
  })
})
