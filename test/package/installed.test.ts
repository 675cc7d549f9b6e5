import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')

/** The package as a user gets it: packed, installed into an empty folder, called from there. */
describe('the installed package', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facedata-installed-'))
    const { stdout } = await run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      {
        cwd: root,
      },
    )
    const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>
    const [{ filename }] = Object.values(packed) as [{ filename: string }]
    await writeFile(join(folder, 'package.json'), '{"type": "module"}')
    await run(
      'npm',
      ['install', '--ignore-scripts', '--no-save', '--prefer-offline', join(folder, filename)],
      { cwd: folder },
    )
  }, 300_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('runs its command', async () => {
    const { stdout } = await run('npx', ['--no-install', 'facedata', '--version'], { cwd: folder })
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('packs synthetic faces into a dataset', async () => {
    const facedata = (...words: string[]) =>
      run('npx', ['--no-install', 'facedata', ...words], { cwd: folder })
    await facedata('synth', '-o', 'faces', '--identities', '3', '--images', '2')
    const { stdout } = await facedata('pack', 'faces')
    expect(stdout).toContain('6 images of 3 identities')
  })

  it('exports the library', async () => {
    await writeFile(
      join(folder, 'use.js'),
      "import { Dataset } from 'facedata'\nconst dataset = await Dataset.open('datasets/faces')\n" +
        'console.log(dataset.imageCount)\nawait dataset.close()\n',
    )
    const { stdout } = await run('node', ['use.js'], { cwd: folder })
    expect(stdout.trim()).toBe('6')
  })
})
