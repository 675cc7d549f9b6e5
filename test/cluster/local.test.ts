import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runStage } from '../../src/cluster/local.js'
import { readMarker, writeMarker } from '../../src/cluster/shard-marker.js'
import { InterruptedError } from '../../src/errors/index.js'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { writeFileAtomically } from '../../src/io/index.js'
import { defineStage, type StageContext } from '../../src/stages/stage.js'
import { localRun } from './local-run.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-local-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Copies a word into a file; `finish` fails as often as asked, so that a second run finds the shard done. */
function copyWord(failures: { left: number }, calls: string[]) {
  return defineStage({
    name: 'copy-word',
    summary: 'for this test',
    options: z.object({ word: z.string(), output: z.string() }),
    inputs: async () => [],
    output: (options) => ({ path: options.output, kind: 'file' as const }),
    plan: async (options) => ({
      stage: 'copy-word',
      fingerprint: options.word,
      options,
      output: { path: options.output, kind: 'file' as const },
      shards: [options.word],
    }),
    work: async (word: string, context: StageContext) => {
      calls.push('work')
      const bytes = Buffer.from(word)
      await writeFileAtomically(join(context.scratch, 'word'), bytes)
      const files = [{ path: 'word', bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }]
      return { files, done: 1, skipped: 0 }
    },
    finish: async (plan, results, context) => {
      calls.push('finish')
      if (failures.left-- > 0) throw new Error('killed here')
      await writeFileAtomically(plan.output.path, await readFile(join(context.scratch, 'word')))
      return results.length
    },
    describe: (count) => [`${count}`],
  })
}

describe('runStage', () => {
  it('plans, works, finishes and leaves no scratch folder', async () => {
    const calls: string[] = []
    const output = join(folder, 'out.txt')
    expect(await runStage(copyWord({ left: 0 }, calls), { word: 'hello', output }, localRun())).toBe(1)
    expect(await readFile(output, 'utf8')).toBe('hello')
    expect(calls).toEqual(['work', 'finish'])
    expect(await readdir(folder)).toEqual(['out.txt'])
  })

  it('takes a shard that an earlier run finished, but not one whose file has changed since', async () => {
    const calls: string[] = []
    const output = join(folder, 'out.txt')
    const stage = copyWord({ left: 2 }, calls)
    const options = { word: 'hello', output }
    await expect(runStage(stage, options, localRun())).rejects.toThrow('killed here')
    await expect(runStage(stage, options, localRun())).rejects.toThrow('killed here')
    expect(calls).toEqual(['work', 'finish', 'finish'])
    await writeFile(join(folder, '.scratch/out.txt/copy-word-hello-1/word'), 'HELLO')
    await runStage(stage, options, localRun())
    expect(calls).toEqual(['work', 'finish', 'finish', 'work', 'finish'])
    expect(await readFile(output, 'utf8')).toBe('hello')
  })

  it('works again on a shard that the stage calls out of date', async () => {
    const calls: string[] = []
    const output = join(folder, 'out.txt')
    let current = true
    const stage = { ...copyWord({ left: 2 }, calls), isCurrent: async () => current }
    const options = { word: 'hello', output }
    await expect(runStage(stage, options, localRun())).rejects.toThrow('killed here')
    await expect(runStage(stage, options, localRun())).rejects.toThrow('killed here')
    expect(calls).toEqual(['work', 'finish', 'finish'])
    current = false
    await runStage(stage, options, localRun())
    expect(calls).toEqual(['work', 'finish', 'finish', 'work', 'finish'])
  })

  it('removes what a killed run with other inputs left for the same output, and nothing else', async () => {
    const calls: string[] = []
    const output = join(folder, 'out.txt')
    const stage = copyWord({ left: 2 }, calls)
    await expect(runStage(stage, { word: 'old', output }, localRun())).rejects.toThrow('killed here')
    const other = join(folder, 'other.txt')
    await expect(runStage(stage, { word: 'other', output: other }, localRun())).rejects.toThrow('killed here')
    await runStage(stage, { word: 'new', output }, localRun())
    expect(await readdir(join(folder, '.scratch'))).toEqual(['other.txt'])
    await runStage(stage, { word: 'other', output: other }, localRun())
    expect(calls.filter((call) => call === 'work')).toHaveLength(3)
    expect((await readdir(folder)).sort()).toEqual(['other.txt', 'out.txt'])
  })

  it('publishes nothing once it was told to stop', async () => {
    const controller = new AbortController()
    controller.abort(new InterruptedError('SIGTERM'))
    const output = join(folder, 'out.txt')
    const run = runStage(
      copyWord({ left: 0 }, []),
      { word: 'hello', output },
      localRun({ signal: controller.signal }),
    )
    await expect(run).rejects.toMatchObject({ exitCode: 143 })
    expect(existsSync(output)).toBe(false)
  })
})

describe('shard markers', () => {
  it('are not believed when a file is missing, shorter, or the marker is half written', async () => {
    const bytes = Buffer.from('abc')
    const result = {
      files: [{ path: 'part', bytes: 3, xxh64: hashToHex(xxh64(bytes)) }],
      done: 1,
      skipped: 0,
    }
    await writeMarker(folder, 0, result)
    expect(await readMarker(folder, 0)).toBeUndefined()
    await writeFile(join(folder, 'part'), 'ab')
    expect(await readMarker(folder, 0)).toBeUndefined()
    await writeFile(join(folder, 'part'), bytes)
    expect(await readMarker(folder, 0)).toEqual(result)
    for (const damaged of [
      '{"files": [',
      '',
      '\0\0',
      'null',
      '{}',
      '{"files": [{}], "done": 1, "skipped": 0}',
    ]) {
      await writeFile(join(folder, 'shard-0.done.json'), damaged)
      expect(await readMarker(folder, 0)).toBeUndefined()
    }
  })
})
