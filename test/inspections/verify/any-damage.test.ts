import { readdir } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeBytes, copyOf, faultsOf, OURS, soundDataset } from './damage.js'

const sound = await soundDataset()
const names = await readdir(sound)

/** Bytes of a file that are replaced by others, fewer or more; places count in 1/1000 of the file. */
const damage = fc.record({
  name: fc.constantFrom(...names),
  place: fc.nat(999),
  length: fc.nat(40),
  bytes: fc.uint8Array({ maxLength: 40 }),
})

interface Damage {
  name: string
  place: number
  length: number
  bytes: Uint8Array
}

/** Spaces in `dataset.json` mean nothing; any other byte of any file counts. */
function meaning(name: string, bytes: Buffer): string {
  if (name !== 'dataset.json') return bytes.toString('latin1')
  try {
    return JSON.stringify(JSON.parse(bytes.toString('utf8')))
  } catch {
    return ''
  }
}

async function damagedCopy({ name, place, length, bytes }: Damage, without: string[]) {
  const path = await copyOf(sound, without)
  let isChanged = false
  if (!without.includes(name)) {
    await changeBytes(path, name, (before) => {
      const at = Math.floor((before.length * place) / 1000)
      const after = Buffer.concat([before.subarray(0, at), bytes, before.subarray(at + length)])
      isChanged = meaning(name, after) !== meaning(name, before)
      return after
    })
  }
  return { path, isChanged }
}

describe('whatever is changed in a dataset', () => {
  it('gives a fault where hashes of all files are known', async () => {
    await fc.assert(
      fc.asyncProperty(damage, async (change) => {
        const { path, isChanged } = await damagedCopy(change, [])
        expect((await faultsOf(path)).found.faultCount > 0).toBe(isChanged)
      }),
      { numRuns: 150 },
    )
  })

  it('ends with a count of faults where they are not', async () => {
    await fc.assert(
      fc.asyncProperty(damage, async (change) => {
        const { path } = await damagedCopy(change, OURS)
        const { faults, found } = await faultsOf(path)
        expect(found.faultCount).toBe(faults.length)
        expect(faults.length).toBeLessThan(100)
      }),
      { numRuns: 150 },
    )
  })
})
