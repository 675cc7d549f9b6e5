import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changeBytes, copyOf, offsetOf, soundDataset } from '../inspections/verify/damage.js'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')

function facedata(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, ...words])
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

const sound = await soundDataset()
const damaged = await copyOf(sound)
await changeBytes(damaged, 'train.rec', (bytes) => void bytes.writeUInt32LE(99, 16))

describe('facedata verify', () => {
  it('exits 0 on a sound dataset, on a thread for each job', async () => {
    const { code, stdout, stderr } = await facedata('verify', sound, '--decode', '--jobs', '2')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^sound: 10 images of 3 identities in 15 records, .*, 10 decoded\n {2}no faults\n$/,
    )
  })

  it('exits 3 where there is a fault: a line for each, with record, offset, expected and found', async () => {
    const { code, stdout, stderr } = await facedata('verify', damaged)
    expect(code).toBe(3)
    expect(stderr).toBe('facedata: 1 fault in sound\n')
    expect(stdout.split('\n')[0]).toBe(
      `train.rec: record 1 at offset ${await offsetOf(sound, 1)}: the id in the header is not the key: expected 1, found 99`,
    )
    expect(stdout).toContain('  1 fault: id 1\n')
  })

  it('prints one JSON object with --json, whether there are faults or not', async () => {
    const whole = JSON.parse((await facedata('verify', sound, '--json')).stdout)
    expect(whole).toMatchObject({ faults: [], faultCount: 0, images: 10 })
    const broken = await facedata('verify', damaged, '--json')
    expect(broken.code).toBe(3)
    expect(JSON.parse(broken.stdout)).toMatchObject({
      faults: [{ kind: 'id', file: 'train.rec', record: 1, expected: 1, actual: 99 }],
      faultCount: 1,
      faultsByKind: { id: 1 },
    })
  })

  it('exits 3 where there is no dataset', async () => {
    const { code, stderr } = await facedata('verify', 'nowhere', '--datasets', join(sound, '..'))
    expect(code).toBe(3)
    expect(stderr).toContain('there is no such dataset')
  })
})

describe('facedata diff', () => {
  it('exits 0 whether there are differences or not', async () => {
    const same = await facedata('diff', sound, sound)
    expect([same.code, same.stderr]).toEqual([0, ''])
    expect(same.stdout).toBe(
      [
        'sound → sound',
        '  identities: 0 added, 0 removed, 3 kept, 0 of them with another label',
        '  images: 0 added, 0 removed, 0 moved, 0 changed, 10 unchanged',
        '',
      ].join('\n'),
    )
  })

  it('prints one JSON object with --json', async () => {
    const other = await soundDataset('im2rec', { ann: 3, cleo: 4, eve: 1 })
    const { code, stdout } = await facedata('diff', sound, other, '--json')
    expect(code).toBe(0)
    const found = JSON.parse(stdout)
    expect(found.identities).toEqual({ added: 1, removed: 1, relabelled: 1, kept: 2 })
    expect(found.identityChanges).toEqual([
      { kind: 'relabelled', name: 'cleo', fromLabel: 2, toLabel: 1 },
      { kind: 'removed', name: 'dan', fromLabel: 3 },
      { kind: 'added', name: 'eve', toLabel: 2 },
    ])
    const { added, removed, moved, changed } = found.images
    expect(found.imageChanges).toHaveLength(added + removed + moved + changed)
    const none = JSON.parse((await facedata('diff', sound, sound, '--json')).stdout)
    expect([none.identityChanges, none.imageChanges]).toEqual([[], []])
  })

  it('stops without a word where its reader has seen enough', async () => {
    const child = spawn(process.execPath, [cli, 'diff', sound, sound])
    let stderr = ''
    child.stderr.on('data', (text) => (stderr += text))
    child.stdout.destroy()
    const code = await new Promise((done) => child.on('close', done))
    expect([code, stderr]).toEqual([1, ''])
  })
})
