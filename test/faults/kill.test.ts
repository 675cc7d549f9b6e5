import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { Random } from '../../src/random/random.js'
import { merge } from '../../src/stages/merge/merge.js'
import { pack } from '../../src/stages/pack/pack.js'
import type { AnyStage } from '../../src/stages/stage.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { picture } from '../image/pictures.js'
import { aligned } from '../stages/pack/packing.js'
import { countWrites, facedata, stoppedAtWrite } from './command-line.js'
import { differences } from './every-crash.js'
import { memoryFolder } from './memory-folder.js'
import { leftovers, versionFiles, wholeFingerprint } from './published.js'

/** Points at which each command is killed, spread over its writes. */
const POINTS = 12
/** And shares of the time that an undisturbed run takes. */
const MOMENTS = [0.5, 0.7, 0.9]

const folder = memoryFolder()
const photos = join(folder, 'photos')
const inputs = join(folder, 'inputs')
const earlier = join(folder, 'earlier')
const datasets = join(folder, 'datasets')
const output = join(datasets, 'people')

for (let i = 0; i < 240; i++) {
  const path = join(photos, `P${i % 7}`, `${i}.${i % 3 === 0 ? 'png' : 'jpg'}`)
  mkdirSync(join(path, '..'), { recursive: true })
  const large = () =>
    picture(200 + i, 160)
      .png({ compressionLevel: 1 })
      .toBuffer()
  writeFileSync(path, await (i % 3 === 0 ? large() : aligned(50 + (i % 40))))
}
writeFileSync(join(photos, 'P3', 'broken.jpg'), 'no image')
await publishTiny(inputs, 'umd', { ann: 300, bob: 200 })
await publishTiny(inputs, 'ms1m', { cleo: 100, dan: 0, eve: 400 })
await publishTiny(earlier, 'people', { old: 3 })
const old = await wholeFingerprint(join(earlier, 'people'))

const commands: Record<string, string[]> = {
  pack: ['pack', photos, '--size', '16'],
  merge: ['merge', 'umd', 'ms1m', '--datasets', inputs],
}
const stages: Record<string, { stage: AnyStage } & Record<string, unknown>> = {
  pack: { stage: pack, inputs: [photos], size: 16 },
  merge: { stage: merge, inputs: ['umd', 'ms1m'], datasets: inputs },
}

/** As it is when an earlier version is published and nothing runs. */
function reset(): void {
  rmSync(datasets, { recursive: true, force: true })
  cpSync(earlier, datasets, { recursive: true, verbatimSymlinks: true })
}

beforeEach(reset)

describe.each(['pack', 'merge'])('%s', (name) => {
  const words = [...commands[name]!, '-o', output, '--replace']
  const inOneThread = [...words, '--jobs', '1']
  let fresh: Map<string, Buffer>
  let seconds: number

  const byCommand = (command: string[]) => async () => {
    expect(await facedata(command)).toMatchObject({ code: 0 })
  }

  /** The same in this process, which saves the start of one. */
  const inHere = async () => {
    const { stage, ...options } = stages[name]!
    await runStage(stage, stage.options.parse({ ...options, output }), localRun({ replace: true }))
  }

  /** The name holds the old version or the new one, whole; and the same done again then does all the rest. */
  async function survives(again: () => Promise<void>): Promise<'old' | 'fresh'> {
    const found = await wholeFingerprint(output)
    if (found !== old) expect(differences(versionFiles(output), fresh)).toEqual([])
    await again()
    expect(differences(versionFiles(output), fresh)).toEqual([])
    expect(leftovers(output)).toEqual([])
    return found === old ? 'old' : 'fresh'
  }

  it(`killed at ${POINTS} of its writes, leaves a whole version, and run again ends as if nothing had been`, async () => {
    const writes = await countWrites(inOneThread)
    fresh = versionFiles(output)
    expect(writes).toBeGreaterThan(POINTS)
    const random = new Random(17)
    const found = new Set<string>()
    for (let point = 0; point < POINTS; point++) {
      reset()
      const write = 1 + Math.floor((writes * (point + random.uniform())) / POINTS)
      const ended = await stoppedAtWrite('SIGKILL', write, inOneThread)
      expect(ended, `write ${write} of ${writes}`).toMatchObject({ signal: 'SIGKILL' })
      found.add(await survives(inHere))
    }
    expect(found).toEqual(new Set(['old', 'fresh']))
  })

  it('killed at any moment, in several threads, does so too', async () => {
    seconds = (await facedata([...words, '--jobs', '2'])).seconds
    expect(differences(versionFiles(output), fresh)).toEqual([])
    for (const moment of MOMENTS) {
      reset()
      const timer = { stop() {} }
      await facedata([...words, '--jobs', '2'], {
        stop(kill) {
          const timeout = setTimeout(() => kill('SIGKILL'), 1000 * seconds * moment)
          timer.stop = () => clearTimeout(timeout)
        },
      })
      timer.stop()
      await survives(byCommand([...words, '--jobs', '2']))
    }
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s, exits with %i, says how to go on, and does', async (signal, code) => {
    const ended = await stoppedAtWrite(signal, 6, inOneThread)
    expect(ended).toMatchObject({ code, signal: null, stdout: '' })
    expect(ended.stderr).toContain(`${signal}: stopping (again to stop at once)`)
    expect(ended.stderr).toContain(`facedata: stopped by ${signal}; run the same command again to resume`)
    expect(await survives(byCommand(inOneThread))).toBe('old')
  })
})

describe('pack in several threads, stopped by SIGINT while they work', () => {
  it('exits with 130 and goes on where it was stopped', async () => {
    const words = [...commands['pack']!, '-o', output, '--replace', '--jobs', '2']
    const scratch = join(datasets, '.scratch')
    const parts = () =>
      existsSync(scratch)
        ? readdirSync(scratch, { recursive: true, encoding: 'utf8' }).filter((file) =>
            /part-\d+\.records$/.test(file),
          )
        : []
    const ended = await facedata(words, {
      stop(kill) {
        const watch = setInterval(() => {
          if (parts().length === 0) return
          clearInterval(watch)
          kill('SIGINT')
        }, 2)
      },
    })
    expect(ended).toMatchObject({ code: 130 })
    expect(parts().length).toBeGreaterThan(0)
    expect(await wholeFingerprint(output)).toBe(old)
    expect(await facedata(words)).toMatchObject({ code: 0 })
    expect(leftovers(output)).toEqual([])
  })
})
