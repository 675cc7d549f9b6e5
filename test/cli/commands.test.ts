import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeJpeg } from '../../src/image/index.js'
import { renderFace } from '../../src/synthesis/index.js'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'facedata-commands-'))
  writeFaces('faces', 3, 2)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function writeFaces(name: string, identities: number, images: number): void {
  for (let identity = 0; identity < identities; identity++) {
    const person = join(folder, name, `person${identity}`)
    mkdirSync(person, { recursive: true })
    for (let image = 0; image < images; image++) {
      writeFileSync(join(person, `${image}.jpg`), encodeJpeg(renderFace(1, identity, image), 95))
    }
  }
}

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs `facedata WORDS` in the test's folder; `whenSaid` may signal the process once standard error holds a word. */
function facedata(words: string[], whenSaid?: { word: string; signal: NodeJS.Signals }): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, ...words], { cwd: folder })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => {
      const before = stderr
      stderr += text
      if (whenSaid && stderr.includes(whenSaid.word) && !before.includes(whenSaid.word))
        child.kill(whenSaid.signal)
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

describe('facedata', () => {
  it('exits 0 and counts what it wrote on standard output', async () => {
    const { code, stdout, stderr } = await facedata(['pack', 'faces'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/6 images of 3 identities.*\(0 skipped\)/)
  })

  it('prints nothing but JSON on standard output when told to', async () => {
    const { stdout } = await facedata(['inspect', 'faces', '--record', '1', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ images: 6, identities: 3, width: 112, record: { key: 1 } })
    const packed = await facedata(['pack', 'faces', '-o', 'again', '--json', '--dialect', 'im2rec'])
    expect(JSON.parse(packed.stdout)).toMatchObject({ images: 6, identities: 3 })
  })

  it('exits 2 on bad usage, with the nearest word or the option', async () => {
    const unknown = await facedata(['pakc', 'faces'])
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('Did you mean pack?')
    const option = await facedata(['pack', 'faces', '--quality', '500'])
    expect(option.code).toBe(2)
    expect(option.stderr).toContain('--quality')
    const exists = await facedata(['pack', 'faces'])
    expect(exists.code).toBe(2)
    expect(exists.stderr).toContain('--replace')
  })

  it('exits 3 on bad input, naming the file', async () => {
    const missing = await facedata(['pack', 'nowhere'])
    expect(missing.code).toBe(3)
    expect(missing.stderr).toContain('nowhere: cannot be read: no such file or folder')
    mkdirSync(join(folder, 'empty'))
    expect((await facedata(['pack', 'empty'])).code).toBe(3)
  })

  it('exits 5 under --strict when something is skipped, and publishes nothing', async () => {
    writeFaces('dirty', 2, 2)
    writeFileSync(join(folder, 'dirty/person0/broken.jpg'), 'not an image')
    const strict = await facedata(['pack', 'dirty', '--strict'])
    expect(strict.code).toBe(5)
    expect(readdirSync(join(folder, 'datasets'))).not.toContain('dirty')
    const lenient = await facedata(['pack', 'dirty'])
    expect(lenient.code).toBe(0)
    expect(lenient.stdout).toContain('(1 skipped)')
  })

  it('stops a pipeline with SIGINT: exit 130, no lock left, and the next run goes through', async () => {
    writeFileSync(
      join(folder, 'two.yaml'),
      'steps:\n  - synth: { output: made, identities: 40, images: 20 }\n  - pack: { inputs: [made], output: made }\n',
    )
    const stopped = await facedata(['run', 'two.yaml'], { word: 'synth', signal: 'SIGINT' })
    expect(stopped.code).toBe(130)
    expect(readdirSync(folder)).not.toContain('made')
    writeFileSync(
      join(folder, 'two.yaml'),
      'steps:\n  - synth: { output: made, identities: 2, images: 2 }\n  - pack: { inputs: [made], output: made }\n',
    )
    const again = await facedata(['run', 'two.yaml'])
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(/STEP +RESULT +WROTE/)
  })
})
