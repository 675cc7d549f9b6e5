import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { noiseOfReport, readCleanReport } from '../../src/reports/noise.js'
import { formatReportJson } from '../../src/stages/clean/report-file.js'
import type { ReportRow } from '../../src/stages/clean/report-row.js'
import { temporaryFolder } from '../temporary-folder.js'

const head = {
  dataset: 'umd',
  fingerprint: 'ab12',
  images: 10,
  identities: 2,
  thresholds: { small: 64 },
  found: { small: 3, undecodable: 0 },
}

function reportOf(text: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'report.json'), text)
  return folder
}

describe('readCleanReport', () => {
  it('reads the head alone, with and without rows', async () => {
    const row = { rank: 1, action: 'drop', rule: 'small', reason: '' } as ReportRow
    for (const rows of [[], [row], [row, row]]) {
      const folder = reportOf(formatReportJson(head, rows))
      const report = await readCleanReport(folder)
      expect(report).toEqual({
        folder,
        dataset: 'umd',
        fingerprint: 'ab12',
        thresholds: head.thresholds,
        found: head.found,
      })
    }
  })

  it('names the rules that looked, in their order', async () => {
    const { rules } = noiseOfReport(await readCleanReport(reportOf(formatReportJson(head, []))))
    expect(rules.map(({ rule, threshold, images }) => [rule, threshold, images])).toEqual([
      ['undecodable', undefined, 0],
      ['small', 64, 3],
    ])
  })

  it('refuses what is no such report', async () => {
    await expect(readCleanReport(reportOf('{}\n'))).rejects.toThrow(
      /not a report of facedata clean --dry-run/,
    )
    await expect(readCleanReport(reportOf('x'.repeat(10)))).rejects.toThrow(InputError)
    await expect(readCleanReport('/nowhere')).rejects.toThrow(InputError)
  })
})
