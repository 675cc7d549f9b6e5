import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { aligned } from '../stages/pack/packing.js'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')
const folder = mkdtempSync(join(tmpdir(), 'facedata-run-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function facedata(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, 'run', ...words], { cwd: folder })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

const PIPELINE = [
  'steps:',
  '  - pack: { inputs: [photos], output: people, size: 16, expect: { images: ">= 0.9 of current" } }',
  '  - shuffle: { dataset: people, output: mixed }',
  '',
].join('\n')

beforeEach(async () => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
  for (const person of ['ann', 'bob']) {
    mkdirSync(join(folder, 'photos', person), { recursive: true })
    for (let i = 0; i < 3; i++)
      writeFileSync(join(folder, 'photos', person, `${i}.jpg`), await aligned(80 + i))
  }
  writeFileSync(join(folder, 'nightly.yaml'), PIPELINE)
})

describe('facedata run', () => {
  it('says what it does and what is fresh, and as JSON', async () => {
    const dry = await facedata('nightly.yaml', '--dry-run')
    expect(dry).toMatchObject({ code: 0, stderr: '' })
    expect(dry.stdout).toContain('1. pack people: runs: new\n')
    expect(dry.stdout).toContain('     expects images >= 0.9 of current\n')
    expect(dry.stdout).toContain('2. shuffle mixed: runs: new; follows people, which will run\n')
    expect(readdirSync(folder).sort()).toEqual(['nightly.yaml', 'photos'])

    const first = await facedata('nightly.yaml', '--jobs', '1')
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(
      /^STEP +RESULT +WROTE\npack +done +packed.*datasets\/people\nshuffle +done +shuffled 6/,
    )
    expect(first.stderr).toContain('[1/2] pack people: new\n')
    expect(first.stderr).toMatch(/^summary: datasets\/\.pipelines\/runs\/nightly\/.*\.json$/m)

    const second = await facedata('nightly.yaml', '--jobs', '1', '--json')
    expect(second.stderr).toContain('[2/2] shuffle mixed: fresh\n')
    expect(JSON.parse(second.stdout)).toMatchObject({
      exitCode: 0,
      steps: [{ outcome: 'fresh', counts: { images: 6, identities: 2 } }, { outcome: 'fresh' }],
    })
  })

  it('with --quiet, prints nothing when all is well and one paragraph when not', async () => {
    expect(await facedata('nightly.yaml', '--quiet', '--jobs', '1')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    // As if the disk of the second collection were not mounted.
    rmSync(join(folder, 'photos', 'bob'), { recursive: true })
    const { code, stdout, stderr } = await facedata(
      'nightly.yaml',
      '--quiet',
      '--jobs',
      '1',
      '--summary',
      'last.json',
    )
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'facedata: nightly.yaml: 1 of 2 steps failed (exit code 1). pack people (line 2): images: expected >= 0.9 of current (6 now), found 3. Not run: mixed. What was published before stays. Summary: last.json\n',
    )
    expect(JSON.parse(readFileSync(join(folder, 'last.json'), 'utf8'))).toMatchObject({ exitCode: 1 })
    const description = readFileSync(join(folder, 'datasets/people/dataset.json'), 'utf8')
    expect(JSON.parse(description)).toMatchObject({ images: 6 })
    expect(readdirSync(join(folder, 'datasets')).sort()).toEqual([
      '.pipelines',
      '.versions',
      'mixed',
      'people',
    ])
  })

  it('with --quiet, tells of a summary that could not be written', async () => {
    const words = ['nightly.yaml', '--quiet', '--jobs', '1', '--summary', 'nightly.yaml/last.json']
    const { code, stdout, stderr } = await facedata(...words)
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(
      /^warning: the summary was not written: cannot write .*nightly\.yaml: a file stands where a folder is needed\n$/,
    )
  })

  it('exits 4 while another run holds the lock, with its owner and age', async () => {
    mkdirSync(join(folder, 'datasets'))
    const owner = {
      pid: process.pid,
      host: hostname(),
      since: new Date(Date.now() - 5 * 3_600_000),
      runs: 'other.yaml',
    }
    writeFileSync(join(folder, 'datasets/.facedata.lock'), JSON.stringify(owner))
    const { code, stderr } = await facedata('nightly.yaml', '--quiet')
    expect(code).toBe(4)
    expect(stderr).toMatch(
      new RegExp(
        `^facedata: other\\.yaml is running since .* \\(5\\.0 h\\) as process ${process.pid} on ${hostname()}\n$`,
      ),
    )
  })

  it('exits 6 at the deadline, and the same command goes on', async () => {
    writeFileSync(
      join(folder, 'long.yaml'),
      'steps:\n  - synth: { output: faces, identities: 3000, images: 100 }\n  - pack: { inputs: [photos], output: people, size: 16 }\n',
    )
    const { code, stderr } = await facedata('long.yaml', '--jobs', '1', '--deadline', '3s')
    expect(code).toBe(6)
    expect(stderr).toMatch(/long\.yaml: .*\(exit code 6\)/)
    expect(readdirSync(folder)).not.toContain('faces')
  })

  it('exits 2 for a deadline that is none', async () => {
    const { code, stderr } = await facedata('nightly.yaml', '--deadline', 'later')
    expect(code).toBe(2)
    expect(stderr).toContain('--deadline: expected a time (06:00)')
  })
})
