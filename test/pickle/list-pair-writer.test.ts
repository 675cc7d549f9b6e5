import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ListPairWriter, readPickle } from '../../src/pickle/index.js'
import { oracle, runOracle } from '../oracles/python.js'
import { collect } from './collect.js'

async function written(items: Uint8Array[], flags: boolean[]): Promise<Buffer> {
  const sink = collect()
  const writer = await ListPairWriter.begin(sink)
  for (const item of items) await writer.append(item)
  await writer.finish(flags)
  return sink.bytes()
}

describe('ListPairWriter', () => {
  it('any lists come back equal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), fc.array(fc.boolean()), async (items, flags) => {
        const [readItems, readFlags] = readPickle(await written(items, flags)) as [Uint8Array[], boolean[]]
        expect(readItems.map((item) => [...item])).toEqual(items.map((item) => [...item]))
        expect(readFlags).toEqual(flags)
      }),
    )
  })

  it('writes each item as it comes, never the whole', async () => {
    const sizes: number[] = []
    const writer = await ListPairWriter.begin({
      async write(...pieces) {
        sizes.push(pieces.reduce((sum, piece) => sum + piece.length, 0))
      },
    })
    for (let i = 0; i < 3; i++) await writer.append(new Uint8Array(1000))
    expect(sizes).toEqual([3, 1006, 1006, 1006])
  })

  it.skipIf(oracle('torch') === undefined)(
    "is read by Python's pickle.load and by upstream's (needs the torch oracle)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'facedata-pickle-'))
      const items = Array.from({ length: 2500 }, (_, i) => Uint8Array.from([i & 0xff, i >> 8, 0xff]))
      const flags = Array.from({ length: 1250 }, (_, i) => i % 3 === 0)
      writeFileSync(join(folder, 'x.bin'), await written(items, flags))
      expect(JSON.parse(await runOracle('torch', 'pickles.py', 'load', join(folder, 'x.bin')))).toEqual({
        items: items.map((item) => Buffer.from(item).toString('hex')),
        flags,
      })
      rmSync(folder, { recursive: true })
    },
  )
})
