import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSkippedReasons } from '../../src/dataset/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()

async function reasonsOf(lines: string[]) {
  const path = join(folder, 'skipped.jsonl')
  await writeFile(path, lines.join('\n'))
  return readSkippedReasons(path)
}

function skipped(...reasons: string[]): string[] {
  return reasons.map((reason) => JSON.stringify({ source: 'photos', path: 'a/1.jpg', reason }))
}

describe('reasons of what was skipped', () => {
  it('are counted, the most frequent first', async () => {
    expect(await reasonsOf(skipped('empty file', 'not an image', 'not an image'))).toEqual([
      { reason: 'not an image', count: 2 },
      { reason: 'empty file', count: 1 },
    ])
  })

  it('are of one kind where names and numbers alone differ', async () => {
    const reasons = [
      '"ann" keeps 2 images, fewer than --min-images 3',
      '"bob" keeps 1 images, fewer than --min-images 3',
      'excluded: cosine 0.71 to p/1.jpg of test (key 4 of a)',
      'excluded: an image is p/2.jpg of test (key 5 of a)',
      'blurred: sharpness 3.2 (key 7 of a)',
      'blurred: sharpness 3.2 (key 8 of a)',
      'near-duplicate: 3 of 64 bits; see ann/b.jpg (key 7) (key 9 of a)',
      'near-duplicate: 5 of 64 bits; see bob/c.jpg (key 8) (key 9 of a)',
    ]
    expect(await reasonsOf(skipped(...reasons))).toEqual([
      { reason: '"..." keeps N images, fewer than --min-images N', count: 2 },
      { reason: 'excluded: they are in a test set', count: 2 },
      { reason: 'blurred: sharpness N', count: 2 },
      { reason: 'near-duplicate: N of N bits', count: 2 },
    ])
  })

  it('stay as they are where all are alike', async () => {
    const reason = 'at offset 7: bad marker: expected 0xffd9, found 0x0'
    expect(await reasonsOf(skipped(reason, reason))).toEqual([{ reason, count: 2 }])
  })

  it('count a line that is none, and no more kinds than fit in memory', async () => {
    const lines = [...skipped(...Array.from({ length: 1500 }, (_, i) => `x${'y'.repeat(i)}`)), '{"reas']
    const reasons = await reasonsOf(lines)
    expect(reasons.length).toBe(1001)
    expect(reasons[0]).toEqual({ reason: 'other reasons', count: 501 })
  })
})
