import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { filesNeeded } from '../../bench/gpu/bundle-files.js'
import { outcomeTable, type SideOutcome } from '../../bench/gpu/outcome.js'
import { probeDevices } from '../../bench/gpu/probe.js'
import { runTimed } from '../../bench/gpu/timed-process.js'
import { tableOfWork } from '../../bench/gpu/work.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-bench-gpu-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a process that prints measurements', () => {
  const node = (script: string, seconds: number) => runTimed(process.execPath, ['-e', script], seconds)

  it('is ended when its time is up, and what it had printed is kept', async () => {
    const script = `console.log('{"images":1}'); setInterval(() => {}, 1000)`
    const { lines, problem } = await node(script, 5)
    expect(lines).toEqual([{ images: 1 }])
    expect(problem).toBe('was ended after 5 s')
  })

  it('says in its last words why it failed', async () => {
    const { lines, problem } = await node(`console.error('no device'); process.exit(3)`, 60)
    expect(lines).toEqual([])
    expect(problem).toBe('ended with 3: no device')
  })

  it('is no error of the bench where there is no such program', async () => {
    expect((await runTimed(join(folder, 'python3'), [], 60)).problem).toContain('ENOENT')
  })
})

describe('the table of the GPU', () => {
  const [work] = tableOfWork(128)
  const side = (seconds: number[], more: Partial<SideOutcome> = {}): SideOutcome => ({
    measurements: seconds.map((each) => ({ images: 384, seconds: each, loss: 1 })),
    ...{ memory: undefined, problem: undefined, ...more },
  })

  it('has median rates, memory and the ratio', () => {
    const ours = { webgpu: side([1, 2, 4], { memory: 2048 }), tensorflow: side([0.5]) }
    const [header, , line] = outcomeTable(
      ['webgpu', 'tensorflow'],
      [{ work: work!, ours, pytorch: side([1, 1, 1]) }],
    )
    expect(header).toBe(
      '| Work | Batch | Classes | PyTorch, images/s | MiB | webgpu, images/s | MiB | ratio | tensorflow, images/s | MiB | ratio |',
    )
    expect(line).toBe('| mbf | 128 | 8,277 | 384 | - | 192 | 2,048 | 0.50 | 768 | - | 2.00 |')
  })

  it('has a dash for what was not measured, and the reason below', () => {
    const ours = { webgpu: side([], { problem: 'was ended after 9 s' }) }
    const lines = outcomeTable(['webgpu'], [{ work: work!, ours, pytorch: undefined }])
    expect(lines.slice(2)).toEqual([
      '| mbf | 128 | 8,277 | - | - | - | - | - |',
      '',
      '- mbf, webgpu: was ended after 9 s',
    ])
  })
})

describe('TensorFlow among the devices', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('is left out with the reason, and the way to it, where it is not installed', async () => {
    vi.stubEnv('FACEDATA_ENGINES', folder)
    const lines: string[] = []
    expect(await probeDevices(['tensorflow'], (line) => lines.push(line))).toEqual([])
    expect(lines).toEqual(['- tensorflow: not installed: facedata engine install tensorflow --gpu'])
  })
})

describe('the files of the bundle', () => {
  it('are those that the entries import, their threads, and the packages', async () => {
    await mkdir(join(folder, 'dist'))
    const write = (name: string, text: string) => writeFile(join(folder, 'dist', name), text)
    await write('entry.js', `import { a } from './a.js'\nimport { z } from 'zod'\nimport fs from 'node:fs'`)
    await write(
      'a.js',
      `const ENTRY = new URL('./thread.js', import.meta.url)\nawait import('@scope/name/inside')`,
    )
    await write('thread.js', `export * from './a.js'`)
    await write('other.js', '')
    expect(filesNeeded(folder, ['dist/entry.js'])).toEqual({
      files: ['dist/a.js', 'dist/entry.js', 'dist/thread.js'],
      packages: ['@scope/name', 'zod'],
    })
  })
})
