import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishTiny } from '../dataset/make-dataset.js'
import { foreignFolder, image } from '../repairs/foreign-folder.js'
import { temporaryFolder } from '../temporary-folder.js'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')
const folder = temporaryFolder()
const datasets = join(folder, 'datasets')
await publishTiny(datasets, 'umd', { ann: 2, bob: 2, cleo: 2, dan: 2 })

/** Runs `facedata WORDS` in the test's folder, whose datasets folder is the default one. */
function facedata(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, ...words], { cwd: folder })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

describe('facedata split, shuffle and unpack', () => {
  it('say what they wrote and where', async () => {
    const split = await facedata('split', 'umd', '--count', '1')
    expect([split.code, split.stderr]).toEqual([0, ''])
    expect(split.stdout).toBe(
      'split 8 images into two datasets (0 skipped) → datasets/umd-train\n' +
        '  umd-train: 6 images of 3 identities\n' +
        '  umd-val: 2 images of 1 identities\n',
    )
    const shuffle = await facedata('shuffle', 'umd-train', '--seed', '3')
    expect(shuffle.stdout).toBe(
      'shuffled 6 images of 3 identities (0 skipped) → datasets/umd-train-shuffled\n',
    )
    const unpack = await facedata('unpack', 'umd-train-shuffled', '-o', 'photos')
    expect(unpack.stdout).toBe('unpacked 6 images of 3 identities (0 skipped) → photos\n')
    expect(readdirSync(join(folder, 'photos')).length).toBe(5)
  })

  it('exit 2 where an output exists or options make no sense', async () => {
    await facedata('split', 'umd', '-o', 'a', '--val', 'b')
    const exists = await facedata('split', 'umd', '-o', 'c', '--val', 'b')
    expect([exists.code, exists.stderr]).toEqual([2, expect.stringContaining('b exists')])
    for (const words of [
      ['split', 'umd', '-o', 'x', '--val', 'y', '--fraction', '1'],
      ['split', 'umd', '-o', 'x', '--val', 'y', '--by', 'face'],
      ['split', 'umd', '-o', 'x', '--val', 'y', '--count', '9'],
      ['shuffle'],
      ['unpack', 'umd'],
    ]) {
      expect((await facedata(...words)).code, words.join(' ')).toBe(2)
    }
  })

  it('are steps of a pipeline, in which both parts of a split are known', async () => {
    writeFileSync(
      join(folder, 'parts.yaml'),
      [
        'steps:',
        '  - shuffle: { dataset: p-val, output: p-val-shuffled }',
        '  - split: { dataset: umd, output: p-train, val: p-val, fraction: 0.5 }',
        '  - unpack: { dataset: p-train, output: p-photos }',
      ].join('\n'),
    )
    const { code, stdout } = await facedata('run', 'parts.yaml')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /split +done +split 8 images.*\n.*shuffle +done +shuffled 4 images.*\n.*unpack +done +unpacked 4 images/,
    )
  })
})

describe('facedata adopt and reindex', () => {
  it('say what they did, exit 5 under --strict where something is left out, and print JSON', async () => {
    const wild = await foreignFolder(join(datasets, 'wild'), [image(0, 0), image(1, 1)])
    writeFileSync(join(wild, 'property'), '2,112,112')
    writeFileSync(join(wild, 'train.lst'), '0\t0\tann/0.jpg\n7\t0\tann/7.jpg\n1\t1\tbob/1.jpg\n')
    const strict = await facedata('adopt', 'wild', '--strict')
    expect(strict.code).toBe(5)
    const { code, stdout, stderr } = await facedata('adopt', 'wild')
    expect(code).toBe(0)
    expect(stdout).toBe(
      'adopted wild: 2 images of 2 identities, all named (1 skipped)\n' +
        '  wrote identities.arrow, manifest.arrow, skipped.jsonl, dataset.json\n',
    )
    expect(stderr).toMatch(/warning: wild: its list names 1 files that have no record/)
    expect(JSON.parse((await facedata('adopt', 'wild', '--json')).stdout)).toMatchObject({ written: [] })

    const index = readFileSync(join(wild, 'train.idx'))
    writeFileSync(join(wild, 'train.idx'), '')
    const rebuilt = await facedata('reindex', 'wild')
    expect([rebuilt.code, rebuilt.stderr]).toEqual([0, ''])
    expect(rebuilt.stdout).toBe(
      'indexed wild: 2 images in 2 records (0 places lost)\n' +
        '  keys of the manifest\n' +
        '  the index that was there is datasets/wild/train.idx.bak\n',
    )
    expect(readFileSync(join(wild, 'train.idx')).equals(index)).toBe(true)
    const records = readFileSync(join(wild, 'train.rec'))
    writeFileSync(join(wild, 'train.rec'), records.fill(0, 0, 8))
    const lost = await facedata('reindex', 'wild', '--strict')
    expect([lost.code, lost.stdout]).toEqual([5, ''])
    expect(JSON.parse((await facedata('reindex', 'wild', '--json')).stdout)).toMatchObject({
      lost: 1,
      images: 1,
    })
  })

  it('exit 3 where there is nothing that they can read', async () => {
    expect((await facedata('adopt', 'nowhere')).code).toBe(3)
    const broken = await foreignFolder(join(datasets, 'broken'), [])
    writeFileSync(join(broken, 'train.rec'), 'no records at all')
    const { code, stderr } = await facedata('reindex', 'broken')
    expect(code).toBe(3)
    expect(stderr).toContain('no record of an image can be read')
  })
})
