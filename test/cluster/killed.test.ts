import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pack } from '../../src/stages/pack/pack.js'
import { countWrites, stoppedAtWrite } from '../faults/command-line.js'
import { memoryFolder } from '../faults/memory-folder.js'
import { leftovers, wholeFingerprint } from '../faults/published.js'
import { aligned } from '../stages/pack/packing.js'
import { finishOf, planOf, workOn } from './in-shards.js'

const folder = memoryFolder()
const photos = join(folder, 'photos')
const image = await aligned(85)
for (let i = 0; i < 12; i++) {
  mkdirSync(join(photos, `P${i % 3}`), { recursive: true })
  writeFileSync(join(photos, `P${i % 3}`, `${i}.jpg`), image)
}

const POINTS = 4

async function planned(name: string) {
  const output = join(folder, name, 'people')
  const path = join(folder, `${name}.json`)
  await planOf(pack, { inputs: [photos], output, size: 112 }, { path, shards: 1 })
  return { output, path }
}

/** Points spread over the writes of a command, its first and its last among them. */
const spread = (writes: number) =>
  Array.from({ length: POINTS }, (_, i) => 1 + Math.round(((writes - 1) * i) / (POINTS - 1)))

it('work that is killed at any of its writes is done by the next task', async () => {
  const whole = await planned('whole')
  const writes = await countWrites(['work', whole.path, '--shard', '0'])
  for (const write of spread(writes)) {
    const { output, path } = await planned(`work-${write}`)
    const ended = await stoppedAtWrite('SIGKILL', write, ['work', path, '--shard', '0'])
    expect(ended, ended.stderr).toMatchObject({ signal: 'SIGKILL' })
    await workOn(path, pack, [0])
    await finishOf(path, pack)
    await wholeFingerprint(output)
    expect(leftovers(output)).toEqual([])
  }
})

it('finish that is killed at any of its writes publishes nothing or all, and the next one ends it', async () => {
  const whole = await planned('finished')
  await workOn(whole.path, pack, [0])
  const writes = await countWrites(['finish', whole.path, '--jobs', '1'])
  const fingerprint = await wholeFingerprint(whole.output)
  for (const write of spread(writes)) {
    const { output, path } = await planned(`finish-${write}`)
    await workOn(path, pack, [0])
    const ended = await stoppedAtWrite('SIGKILL', write, ['finish', path, '--jobs', '1'])
    expect(ended, ended.stderr).toMatchObject({ signal: 'SIGKILL' })
    const again = await finishOf(path, pack).catch((error: Error) => error.message)
    // Killed behind the publishing: what is there is whole, and the next one says what stands in its way.
    if (typeof again === 'string') expect(again).toMatch(/exists|nothing is left to do/)
    expect(await wholeFingerprint(output)).toBe(fingerprint)
  }
})
