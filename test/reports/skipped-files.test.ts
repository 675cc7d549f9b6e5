import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSkippedFiles, skippedCount } from '../../src/reports/skipped-files.js'
import { temporaryFolder } from '../temporary-folder.js'

describe('skipped files of a report', () => {
  it('are told by kind, and name nobody', async () => {
    const path = temporaryFolder()
    const reasons = ['"ann" keeps 1 images, fewer than --min-images 3', 'not an image', 'not an image']
    writeFileSync(
      join(path, 'skipped.jsonl'),
      reasons.map((reason) => `${JSON.stringify({ source: 's', path: 'p', reason })}\n`).join(''),
    )
    const skipped = await readSkippedFiles(path)
    expect(skipped).toEqual([
      { reason: 'not an image', count: 2 },
      { reason: '"..." keeps 1 images, fewer than --min-images 3', count: 1 },
    ])
    expect(skippedCount(skipped!)).toBe(3)
  })

  it('name nobody where there is one of a kind, or a name has quotes and brackets itself', async () => {
    const path = temporaryFolder()
    const reasons = [
      'byte-identical; see ann/1.jpg (key 2) (key 3 of umd (old))',
      'excluded: cosine 0.71 to ann/1.jpg of test (key 4 of umd)',
      '"Ann "the" Lee" keeps 1 images, fewer than --min-images 3',
    ]
    writeFileSync(
      join(path, 'skipped.jsonl'),
      reasons.map((reason) => `${JSON.stringify({ source: 's', path: 'p', reason })}\n`).join(''),
    )
    expect((await readSkippedFiles(path))!.map(({ reason }) => reason)).toEqual([
      'byte-identical',
      'excluded: they are in a test set',
      '"..." keeps 1 images, fewer than --min-images 3',
    ])
  })

  it('are not known where a dataset has no list', async () => {
    expect(await readSkippedFiles(temporaryFolder())).toBeUndefined()
  })
})
