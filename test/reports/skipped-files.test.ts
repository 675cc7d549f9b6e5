import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kindOfReason, readSkippedFiles } from '../../src/reports/skipped-files.js'

const folderOf = (lines: string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'facedata-skipped-'))
  writeFileSync(join(folder, 'skipped.jsonl'), lines.map((line) => `${line}\n`).join(''))
  return folder
}

describe('kindOfReason', () => {
  it.each([
    ['small: 40, below 64; see a/b.jpg (key 7)', 'small'],
    ['removed by name (key 12)', 'removed by name'],
    ['by review: outlier: 0.2, below 0.3', 'by review'],
    ['the record at offset 1204 is not in the index', 'the record at offset … is not in the index'],
    ['below --min-images 5', 'below --min-images 5'],
    ['not an image', 'not an image'],
  ])('%s', (reason, kind) => expect(kindOfReason(reason)).toBe(kind))
})

describe('readSkippedFiles', () => {
  it('counts by kind of reason, the most frequent first, and tells what it cannot read', async () => {
    const line = (reason: string) => JSON.stringify({ source: 's', path: 'p', reason })
    const lines = [
      line('small: 40, below 64'),
      line('small: 41, below 64'),
      line('not an image'),
      '{"torn',
      '{}',
    ]
    expect(await readSkippedFiles(folderOf(lines))).toEqual({
      total: 5,
      unreadable: 2,
      reasons: [
        { reason: 'small', files: 2 },
        { reason: 'not an image', files: 1 },
      ],
    })
  })

  it('joins the rare ones where there are many', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => JSON.stringify({ reason: `kind ${'x'.repeat(i)}` }))
    const found = await readSkippedFiles(folderOf(lines))
    expect(found?.reasons).toHaveLength(21)
    expect(found?.reasons.at(-1)).toEqual({ reason: 'others', files: 20 })
  })

  it('is undefined where a dataset has no list', async () => {
    expect(await readSkippedFiles(mkdtempSync(join(tmpdir(), 'facedata-skipped-')))).toBeUndefined()
  })
})
