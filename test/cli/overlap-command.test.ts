import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishTiny } from '../dataset/make-dataset.js'
import { temporaryFolder } from '../temporary-folder.js'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')
const datasets = temporaryFolder()
await publishTiny(datasets, 'umd', { ann: 1, bob: 1 })
await publishTiny(datasets, 'ms1m', { Ann: 2, bob: 1 })

function overlap(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, 'overlap', ...words, '--datasets', datasets])
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

describe('facedata overlap', () => {
  it('exits 0 where there is an overlap, and shows people and images in tables', async () => {
    const { code, stdout, stderr } = await overlap('umd', 'ms1m')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toEqual([
      'umd (dataset, 2 images of 2 identities) and ms1m (dataset, 3 images of 2 identities)',
      '  byte-identical images: 1 of umd, 1 of ms1m, 1 different ones',
      '  people in common: 2 (2 by name, 0 by embedding, 0 by byte-identical images)',
      '',
      '  person   umd  ms1m',
      '  by name  ann  Ann',
      '  by name  bob  bob',
      '',
      expect.stringMatching(/^ {2}image {13}umd {8}ms1m$/),
      expect.stringMatching(/^ {2}[0-9a-f]{16} {2}bob\/0.jpg {2}bob\/0.jpg$/),
      '',
    ])
  })

  it('prints one JSON object with --json', async () => {
    const found = JSON.parse((await overlap('umd', 'ms1m', '--json')).stdout)
    expect(found).toMatchObject({
      a: { name: 'umd', kind: 'dataset', images: 2, identities: 2 },
      images: { a: 1, b: 1, distinct: 1 },
      people: { count: 2, name: 2, embedding: 0, bytes: 0 },
      commonPeople: [{ a: { label: 0, name: 'ann' } }, { b: { label: 1, name: 'bob' } }],
      commonImages: [{ a: { identity: 'bob', path: 'bob/0.jpg' } }],
    })
  })

  it('exits 3 where there is no such dataset, and 2 where an option has no effect or a file exists', async () => {
    const none = await overlap('umd', 'nowhere')
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('there is no such dataset')])
    const unused = await overlap('umd', 'ms1m', '--threshold', '0.5')
    expect([unused.code, unused.stderr]).toEqual([2, expect.stringContaining('without --model')])
    const existing = await overlap('umd', 'ms1m', '-o', join(datasets, 'umd', 'dataset.json'))
    expect([existing.code, existing.stderr]).toEqual([2, expect.stringContaining('exists')])
  })
})
