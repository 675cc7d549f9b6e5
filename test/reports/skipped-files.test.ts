import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSkippedFiles, skippedCount } from '../../src/reports/skipped-files.js'

const folder = () => mkdtempSync(join(tmpdir(), 'facedata-skipped-'))

describe('skipped files of a report', () => {
  it('are told by kind, and name nobody', async () => {
    const path = folder()
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

  it('are not known where a dataset has no list', async () => {
    expect(await readSkippedFiles(folder())).toBeUndefined()
  })
})
