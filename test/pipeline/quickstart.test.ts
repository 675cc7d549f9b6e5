import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'facedata-quickstart-'))
  for (const name of ['configs', 'pipelines']) symlinkSync(join(root, name), join(folder, name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function accuracyIn(file: string): number {
  const { bins } = JSON.parse(readFileSync(join(folder, 'quickstart', file), 'utf8')) as {
    bins: { accuracy: number }[]
  }
  return bins[0]!.accuracy
}

it('the quickstart learns people it never saw', { timeout: 900_000 }, async () => {
  const words = [join(root, 'dist/cli/cli.js'), 'run', 'pipelines/quickstart.yaml']
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder })
  expect(stdout).toContain('quickstart/run')
  expect(accuracyIn('trained.json')).toBeGreaterThanOrEqual(0.9)
  expect(accuracyIn('untrained.json')).toBeLessThanOrEqual(0.7)
})
