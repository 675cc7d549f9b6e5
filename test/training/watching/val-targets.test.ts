import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import { findValTargets } from '../../../src/training/watching/val-targets.js'

let folders: { dataset: string; config: string }
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'facedata-targets-'))
  folders = { dataset: join(root, 'dataset'), config: join(root, 'config') }
  for (const folder of Object.values(folders)) await mkdir(folder)
  for (const path of ['dataset/lfw.bin', 'config/lfw.bin', 'config/agedb_30.bin', 'other.bin']) {
    await writeFile(join(root, path), '')
  }
})
afterAll(() => rm(root, { recursive: true }))

describe('val targets', () => {
  it("are found in the dataset's folder, then the config's, then as a path, with or without .bin", () => {
    expect(findValTargets(['lfw', 'agedb_30.bin', join(root, 'other')], folders)).toEqual([
      { name: 'lfw', path: join(folders.dataset, 'lfw.bin') },
      { name: 'agedb_30', path: join(folders.config, 'agedb_30.bin') },
      { name: 'other', path: join(root, 'other.bin') },
    ])
  })

  it('are found beside a dataset that is named by its .rec file', () => {
    const [target] = findValTargets(['lfw'], { ...folders, dataset: join(folders.dataset, 'train.rec') })
    expect(target!.path).toBe(join(folders.dataset, 'lfw.bin'))
  })

  it('lists where a missing one was looked for', () => {
    const find = () => findValTargets(['lfw', 'cfp_fp'], folders)
    expect(find).toThrow(UsageError)
    expect(find).toThrow(`there is no 'cfp_fp'. Looked for:\n  ${join(folders.dataset, 'cfp_fp.bin')}\n`)
  })

  it('have different names', () => {
    expect(() => findValTargets(['lfw', join(folders.config, 'lfw.bin')], folders)).toThrow(
      "are both called 'lfw'",
    )
  })
})
