import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BinSource, JoinedSets } from '../../src/embeddings/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { grayJpeg, writeBin } from '../verification/bins.js'

const folder = temporaryFolder()

describe('the people of a bin', () => {
  it('are those that its pairs and byte-identical images join', async () => {
    const path = join(folder, 'people.bin')
    const [a, b, c, d] = [10, 60, 120, 200].map((level) => grayJpeg(level))
    await writeBin(path, [a!, b!, b!, c!, d!, c!], [true, false, true])
    const source = await BinSource.open(path)
    const labels: number[] = []
    for await (const batch of source.batches()) labels.push(...batch.map(({ label }) => label))
    expect(labels).toEqual([0, 0, 0, 1, 1, 1])
    expect(source.identities).toBe(2)
  })
})

describe('JoinedSets', () => {
  it('numbers sets by their first members', () => {
    const sets = new JoinedSets(6)
    sets.join(5, 2)
    sets.join(4, 5)
    sets.join(1, 3)
    expect([...sets.numbers()]).toEqual([0, 1, 2, 1, 2, 2])
  })
})
