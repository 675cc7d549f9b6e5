import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTinyDataset } from '../training/tiny-dataset.js'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'facedata-handoff-command-'))
  await writeTinyDataset(join(folder, 'datasets', 'tiny'), { identities: 2, imagesEach: 2, size: 112 })
  writeFileSync(join(folder, 'tiny.yaml'), 'dataset: tiny\nnetwork: r18\nbatch_size: 2\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function facedata(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...words], { cwd: folder }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

describe('facedata handoff', () => {
  it('tells where config and data are and how training starts', async () => {
    const { code, stdout } = await facedata('handoff', 'tiny.yaml', '-o', 'there', '--set', 'lr=0.2')
    expect(code).toBe(0)
    expect(stdout).toContain(
      `checked 4 images of 2 identities\n  config → ${join('there', 'configs', 'tiny.py')}\n`,
    )
    expect(stdout).toContain('torchrun --nproc_per_node=gpu train_v2.py configs/tiny.py')
    const json = await facedata('handoff', 'tiny.yaml', '-o', 'there', '--replace', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ images: 4, identities: 2, batchSize: 2, lost: [] })
  })

  it('exits 2 with every fault of the config, and writes nothing', async () => {
    const { code, stderr } = await facedata('handoff', 'tiny.yaml', '--set', 'lr=0', '--set', 'epochs=3')
    expect(code).toBe(2)
    expect(stderr).toContain('--set lr=0: lr: expected more than 0, found 0')
    expect(stderr).toContain("--set epochs=3: unknown key 'epochs'. The nearest valid key is 'num_epoch'")
    expect((await facedata('inspect', 'handoff')).code).toBe(3)
  })
})
