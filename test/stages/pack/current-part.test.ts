import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { pack } from '../../../src/stages/pack/pack.js'
import type { PackShard } from '../../../src/stages/pack/shard.js'
import { localRun } from '../../cluster/local-run.js'
import { aligned, contents, temporaryFolder, writeTree } from './packing.js'

/** The parts of two people's photos, one of which is no image, as a run that was killed before the end leaves them. */
async function leftParts() {
  const first = await aligned(90)
  const root = writeTree({ 'alice/1.jpg': first, 'alice/2.jpg': 'no image', 'bob/1.jpg': await aligned(80) })
  const output = join(temporaryFolder(), 'packed')
  const options = pack.options.parse({ inputs: [root], size: 16, output })
  const { shards } = await pack.plan(options, 1)
  const context = { ...localRun(), scratch: temporaryFolder() }
  for (const shard of shards) await pack.work(shard, context)
  const isCurrent = () => pack.isCurrent!(shards[0] as PackShard, context)
  return { root, options, isCurrent }
}

describe('a part of a killed run', () => {
  it('is taken over where every file is as it was, also one that is no image', async () => {
    const { isCurrent } = await leftParts()
    expect(await isCurrent()).toBe(true)
  })

  it('is made again where a file has another size or time, or is gone', async () => {
    for (const name of ['alice/1.jpg', 'alice/2.jpg', 'bob/1.jpg']) {
      const changed = await leftParts()
      const path = join(changed.root, name)
      const { size, mtime } = statSync(path)
      writeFileSync(path, Buffer.alloc(size))
      utimesSync(path, mtime, new Date(mtime.getTime() + 1))
      expect(await changed.isCurrent(), name).toBe(false)

      const longer = await leftParts()
      writeFileSync(join(longer.root, name), Buffer.alloc(size + 1))
      utimesSync(join(longer.root, name), mtime, mtime)
      expect(await longer.isCurrent(), name).toBe(false)

      const gone = await leftParts()
      rmSync(join(gone.root, name))
      expect(await gone.isCurrent(), name).toBe(false)
    }
  })

  it('never puts the earlier bytes of a changed file into the dataset', async () => {
    const { root, options } = await leftParts()
    const failing = { ...pack, finish: () => Promise.reject(new Error('killed here')) }
    await expect(runStage(failing, options, localRun())).rejects.toThrow('killed here')
    const path = join(root, 'alice/1.jpg')
    const other = await aligned(60)
    writeFileSync(path, other)
    utimesSync(path, new Date(0), new Date(0))
    const { output } = await runStage(pack, options, localRun())
    expect((await contents(output)).map(({ bytes }) => bytes)).toEqual([other, await aligned(80)])
  })
})
