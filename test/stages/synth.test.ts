import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { InterruptedError, UsageError } from '../../src/errors/index.js'
import { probe } from '../../src/image/index.js'
import { silentProgress } from '../../src/progress/progress.js'
import { synth } from '../../src/stages/synth/synth.js'
import { localRun } from '../cluster/local-run.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'facedata-synth-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function filesOf(path: string): Record<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.jpg'),
  )
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(path, name)).toString('base64')]),
  )
}

function optionsFor(
  output: string,
  settings: Partial<{ identities: number; images: number; seed: number }> = {},
) {
  return synth.options.parse({ output: join(folder, output), identities: 3, images: 2, seed: 7, ...settings })
}

describe('synth', () => {
  it('writes one folder an identity with 112x112 JPEGs of three components', async () => {
    const result = await runStage(synth, optionsFor('faces'), localRun())
    expect(result).toEqual({ output: join(folder, 'faces'), identities: 3, images: 6 })
    expect(synth.describe(result)[0]).toBe('rendered 6 images of 3 identities')
    const names = Object.keys(filesOf(join(folder, 'faces')))
    expect(names).toHaveLength(6)
    expect(names[0]).toBe(join('synth7_00001', 'synth7_00001_0001.jpg'))
    const image = probe(readFileSync(join(folder, 'faces', names[0]!)))
    expect(image).toMatchObject({ format: 'jpeg', width: 112, height: 112, components: 3 })
  })

  it('writes the same bytes whatever the number of jobs, and more identities leave the first as they were', async () => {
    await runStage(synth, optionsFor('one'), localRun())
    await runStage(synth, optionsFor('two'), localRun({ jobs: 2 }))
    await runStage(synth, optionsFor('more', { identities: 4 }), localRun({ jobs: 3 }))
    const one = filesOf(join(folder, 'one'))
    expect(filesOf(join(folder, 'two'))).toEqual(one)
    expect(filesOf(join(folder, 'more'))).toMatchObject(one)
  })

  it('refuses an output that exists, and replaces it whole when told to', async () => {
    await runStage(synth, optionsFor('faces'), localRun())
    writeFileSync(join(folder, 'faces', 'old.txt'), 'of the former run')
    await expect(runStage(synth, optionsFor('faces', { seed: 8 }), localRun())).rejects.toThrow(UsageError)
    expect(existsSync(join(folder, 'faces', 'old.txt'))).toBe(true)
    await runStage(synth, optionsFor('faces', { seed: 8 }), localRun({ replace: true }))
    expect(readdirSync(join(folder, 'faces')).sort()).toEqual([
      '.facedata.json',
      'synth8_00001',
      'synth8_00002',
      'synth8_00003',
    ])
  })

  it("never replaces a folder of the user's", async () => {
    mkdirSync(join(folder, 'photos'))
    writeFileSync(join(folder, 'photos', 'mine.jpg'), 'a photo')
    const run = runStage(synth, optionsFor('photos'), localRun({ replace: true }))
    await expect(run).rejects.toThrow(/never replaced/)
    expect(readdirSync(join(folder, 'photos'))).toEqual(['mine.jpg'])
  })

  it('publishes nothing when it is stopped', async () => {
    const controller = new AbortController()
    const progress = { ...silentProgress, advance: () => controller.abort(new InterruptedError()) }
    const run = localRun({ progress, signal: controller.signal })
    await expect(runStage(synth, optionsFor('faces'), run)).rejects.toThrow(InterruptedError)
    expect(existsSync(join(folder, 'faces'))).toBe(false)
  })
})
