import { closeSync, openSync, writeSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listArchive } from '../../src/archives/index.js'
import { InputError } from '../../src/errors/index.js'
import { LIMITS, readAll, temporaryFile } from './list.js'
import { makeTar, paxHeader } from './make-tar.js'
import { makeZip } from './make-zip.js'

const photo = (i: number) => Buffer.alloc(200 + 50 * i, `photo ${i} `)

const zip = makeZip(
  [
    { name: 'a/', content: Buffer.alloc(0) },
    { name: 'a/1.jpg', content: photo(1) },
    { name: 'a/2.jpg', content: photo(2), deflate: true },
    { name: 'é/3.jpg', content: photo(3), deflate: true, descriptor: true },
    { name: 'b/4.jpg', content: photo(4), zip64: true },
  ],
  { comment: 'comment' },
)

const zip64 = makeZip([{ name: 'a/1.jpg', content: photo(1), deflate: true, zip64: true }], { zip64: true })

const tar = makeTar([
  { name: 'a/', type: '5' },
  { name: 'a/1.jpg', content: photo(1) },
  { name: 'L', type: 'L', content: Buffer.from(`${'long/'.repeat(30)}2.jpg\0`) },
  { name: '2.jpg', content: photo(2), magic: 'gnu' },
  paxHeader({ path: 'é/3.jpg', size: '350', comment: 'c' }),
  { name: '3.jpg', content: photo(3) },
  { name: '4.jpg', content: photo(4), binarySize: true },
])

/** Numbers at which readers break, and bytes with a meaning in a zip or tar. */
const edges = fc.constantFrom(
  ...['00', 'ff', '7f', '80', 'ffff', 'ffffffff', 'ffffff7f', '00000080', 'ffffffffffffffff', '504b0102'],
  ...[
    '504b0304',
    '504b0506',
    '504b0606',
    '0a',
    '20',
    '2e2e2f',
    '37373737373737373737',
    '4c',
    '78',
    '53',
    '67',
  ],
)

const change = (length: number) =>
  fc.record({
    at: fc.oneof(fc.nat(length - 1), fc.integer({ min: Math.floor(length * 0.8), max: length - 1 })),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      edges.map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
    ),
    /** Bytes at `at` that the new ones replace. */
    drop: fc.oneof(fc.constant(undefined), fc.nat(700)),
  })

/** Header checksums made right again, since almost every mutation would end at them. */
function withChecksums(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = bytes.subarray(at, at + 512)
    if (!/^0\d{5}\0 $/.test(block.toString('latin1', 148, 156))) continue
    const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  }
  return bytes
}

const known = new Set([1, 2, 3, 4].map((i) => photo(i).toString('latin1')))

describe('mutated archives', () => {
  for (const [name, whole, repair, checked] of [
    ['zip', zip, (bytes: Buffer) => bytes, true],
    ['zip64', zip64, (bytes: Buffer) => bytes, true],
    ['tar', tar, (bytes: Buffer) => bytes, false],
    ['tar with right checksums', tar, withChecksums, false],
  ] as const) {
    it(`${name}: a typed error, a listed reason, or the files`, async () => {
      const path = temporaryFile(whole)
      let results = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(change(whole.length), { minLength: 1, maxLength: 4 }),
          fc.oneof({ weight: 3, arbitrary: fc.constant(Number.POSITIVE_INFINITY) }, fc.nat(whole.length)),
          async (changes, end) => {
            let bytes = Buffer.from(whole)
            for (const { at, bytes: fresh, drop = fresh.length } of changes) {
              bytes = Buffer.concat([bytes.subarray(0, at), fresh, bytes.subarray(at + drop)])
            }
            overwrite(path, repair(bytes).subarray(0, end))
            try {
              for (const found of readAll(await listArchive(path, LIMITS))) {
                expect(found.path).not.toMatch(/\p{Cc}/u)
                if ('content' in found) expect(found.path).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
                // A zip has checksums: what comes out of it is what went in, or (claimed with its sum) empty.
                if (checked && 'content' in found && found.content !== '') {
                  expect(known.has(found.content)).toBe(true)
                }
                results++
              }
            } catch (error) {
              expect(error).toBeInstanceOf(InputError)
            }
          },
        ),
        { numRuns: 1000, seed: 5 },
      )
      expect(results).toBeGreaterThan(50)
    })
  }
})

/** In place: the next archive of one path. */
function overwrite(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'w')
  writeSync(descriptor, bytes)
  closeSync(descriptor)
}
