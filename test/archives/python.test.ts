import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listArchive } from '../../src/archives/index.js'
import { LIMITS, readAll } from './list.js'

const hasPython = spawnSync('python3', ['-c', 'import tarfile, zipfile, bz2']).status === 0

describe.skipIf(!hasPython)("archives of Python's standard library", () => {
  const folder = mkdtempSync(join(tmpdir(), 'facedata-archive-'))
  let files: { path: string; content: string }[]
  afterAll(() => rmSync(folder, { recursive: true }))

  beforeAll(() => {
    const script = resolve(import.meta.dirname, '../oracles/archives.py')
    const output = execFileSync('python3', [script, folder], { encoding: 'utf8' })
    files = Object.entries(JSON.parse(output) as Record<string, string>).map(([path, content]) => ({
      path,
      content,
    }))
  })

  it('are read: zips stored, deflated, through a pipe, with 64-bit sizes', async () => {
    for (const name of ['stored.zip', 'deflated.zip', 'piped.zip', 'zip64.zip', 'piped64.zip']) {
      expect(readAll(await listArchive(join(folder, name), LIMITS)), name).toEqual(files)
    }
  })

  it('are read: tars of GNU and pax, with links and folders', async () => {
    for (const name of ['gnu.tar', 'pax.tar']) {
      expect(readAll(await listArchive(join(folder, name), LIMITS)), name).toEqual([
        ...files,
        { path: 'soft.jpg', problem: 'it is a symbolic link, which is not followed in an archive' },
        { path: 'hard.jpg', problem: 'it is a hard link, which is not followed in an archive' },
      ])
    }
  })

  it('are listed where their compression is not read, and read beyond 65,535 entries', async () => {
    const { entries } = await listArchive(join(folder, 'bzip2.zip'), LIMITS)
    expect(entries.problem(0)).toContain('12 (BZIP2)')
    expect((await listArchive(join(folder, 'many.zip'), LIMITS)).entries.size).toBe(65_600)
  })
})
