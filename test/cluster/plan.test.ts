import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type ClusterPlan,
  finishedFolder,
  planFolder,
  readPlan,
  shardPath,
} from '../../src/cluster/plan-file.js'
import { readFailure } from '../../src/cluster/shard-failure.js'
import { markerPath, readMarker } from '../../src/cluster/shard-marker.js'
import { workOnPlan } from '../../src/cluster/work-on-plan.js'
import { FacedataError, InputError, LockedError, UsageError } from '../../src/errors/index.js'
import { Random } from '../../src/random/random.js'
import { pack } from '../../src/stages/pack/pack.js'
import type { AnyStage } from '../../src/stages/stage.js'
import { memoryFolder } from '../faults/memory-folder.js'
import { aligned } from '../stages/pack/packing.js'
import { contentBelow, finishOf, planOf, workOn } from './in-shards.js'
import { localRun } from './local-run.js'

const folder = memoryFolder()
const photos = join(folder, 'photos')
const output = join(folder, 'datasets', 'people')
const path = join(folder, 'plan.json')
const image = await aligned(85)

beforeEach(() => {
  for (const name of ['photos', 'datasets', 'plan.json'])
    rmSync(join(folder, name), { recursive: true, force: true })
  for (let i = 0; i < 12; i++) {
    mkdirSync(join(photos, `P${i % 3}`), { recursive: true })
    writeFileSync(join(photos, `P${i % 3}`, `${i}.jpg`), image)
  }
})

const plan = (shards = 4) => planOf(pack, { inputs: [photos], output, size: 112 }, { path, shards })
const work = (...shards: number[]) => workOn(path, pack, shards)
const finish = () => finishOf(path, pack)

describe('work', () => {
  it('passes over a shard that is done, and does one again whose files are damaged', async () => {
    const made = await plan()
    expect(await work(1, 1)).toEqual([
      { shard: 1, wasDone: false },
      { shard: 1, wasDone: true },
    ])
    const part = readdirSync(finishedFolder(made)).find((name) => name.endsWith('.records'))!
    writeFileSync(join(finishedFolder(made), part), 'damaged')
    expect(await work(1)).toEqual([{ shard: 1, wasDone: false }])
    expect(readdirSync(join(planFolder(made), 'attempts'))).toEqual([])
  })

  it('may be done on one shard by several at once', async () => {
    await plan(2)
    await Promise.all([work(0), work(0), work(0), work(1), work(1)])
    expect(await finish()).toMatchObject({ images: 12 })
  })

  it('notes why a shard failed, goes on with the next, and forgets it when the shard is done', async () => {
    const made = await plan(2)
    const shard = shardPath(planFolder(made), 0)
    const content = readFileSync(shard)
    writeFileSync(shard, '{}')
    const works = await workOnPlan(made, pack, [0, 1], localRun())
    expect(works.map(({ error }) => error?.name)).toEqual(['InputError', undefined])
    await expect(finish()).rejects.toThrow(
      /^1 of 2 shards are not done.*\n {2}shard 0: .*not the shard that the plan made/,
    )
    writeFileSync(shard, content)
    await work(0)
    expect(await readFailure(finishedFolder(made), 0)).toBeUndefined()
    expect(await finish()).toMatchObject({ images: 12 })
  })

  it('goes on with the next shard after an error of the program, too', async () => {
    const made = await plan(2)
    let calls = 0
    const faulty: AnyStage = {
      ...pack,
      async work(...words: Parameters<typeof pack.work>) {
        if (calls++ === 0) throw new TypeError('undefined is not a function')
        return pack.work(...words)
      },
    }
    const works = await workOnPlan(made, faulty, [0, 1], localRun())
    expect(works.map(({ error }) => error?.name)).toEqual(['TypeError', undefined])
    expect((await readFailure(finishedFolder(made), 0))?.message).toBe('undefined is not a function')
  })

  it('keeps what others did where the disk does not tell whether the plan is over', async () => {
    const made = await plan(2)
    await work(0)
    const shards = join(planFolder(made), 'shards')
    const away = join(folder, 'away')
    const absent: AnyStage = {
      ...pack,
      async work(...words: Parameters<typeof pack.work>) {
        renameSync(shards, away)
        symlinkSync(shards, shards)
        return pack.work(...words)
      },
    }
    await workOnPlan(made, absent, [1], localRun())
    rmSync(shards)
    renameSync(away, shards)
    expect(await finish()).toMatchObject({ images: 12 })
  })

  it('refuses a shard that the plan has not', async () => {
    await plan(2)
    await expect(work(2)).rejects.toThrow('has no shard 2: they are 0 to 1')
  })
})

describe('finish', () => {
  it('lists the shards that are missing, publishes nothing, and tells what to do', async () => {
    await plan()
    await work(0, 2)
    const failed = finish()
    await expect(failed).rejects.toThrow(FacedataError)
    await expect(failed).rejects.toMatchObject({ exitCode: 1 })
    await expect(failed).rejects.toThrow(
      /2 of 4 shards are not done[\s\S]*shard 1: no error was noted[\s\S]*shard 3[\s\S]*facedata work .*plan.json --shard 1,3$/,
    )
    expect(existsSync(output)).toBe(false)
  })

  it('takes no marker of another plan', async () => {
    const first = await plan()
    await work(0, 1, 2, 3)
    const kept = contentBelow(finishedFolder(first))
    rmSync(planFolder(first), { recursive: true })
    const second = await plan()
    expect(second.id).not.toBe(first.id)
    mkdirSync(finishedFolder(second), { recursive: true })
    for (const [name, bytes] of Object.entries(kept)) {
      writeFileSync(join(finishedFolder(second), name), Buffer.from(bytes, 'base64'))
    }
    await expect(finish()).rejects.toThrow('4 of 4 shards are not done')
  })

  it('is done by one of two that try at once', async () => {
    await plan()
    await work(0, 1, 2, 3)
    const ended = await Promise.allSettled([finish(), finish()])
    const errors = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toSatisfy((error) => error instanceof LockedError || error instanceof UsageError)
    expect(readdirSync(join(folder, 'datasets')).sort()).toEqual(['.versions', 'people'])
  })

  it('takes over a lock that its owner on another machine no longer touches', async () => {
    const made = await plan(1)
    await work(0)
    const lock = join(planFolder(made), 'finish.lock')
    writeFileSync(lock, '{"host":"elsewhere","pid":1,"since":"2026-01-31T01:30:00Z","runs":"finish"}')
    await expect(finish()).rejects.toThrow(/finish is running since .* as process 1 on elsewhere/)
    const before = new Date(Date.now() - 130_000)
    utimesSync(lock, before, before)
    expect(await finish()).toMatchObject({ images: 12 })
  })

  it('says so where the plan is finished already, and so does work', async () => {
    await plan(1)
    await work(0)
    await finish()
    await expect(finish()).rejects.toThrow('nothing is left to do')
    await expect(work(0)).rejects.toThrow('nothing is left to do')
  })
})

describe('a change after the plan', () => {
  const later = () => new Date(Date.now() + 5000)

  it.each([
    ['a new photo', () => writeFileSync(join(photos, 'P1', 'new.jpg'), image)],
    ['a photo that is gone', () => rmSync(join(photos, 'P1', '1.jpg'))],
    ['a photo that was written over', () => utimesSync(join(photos, 'P1', '1.jpg'), later(), later())],
    ['a photo that an older one took the place of', () => utimesSync(join(photos, 'P1', '1.jpg'), 1e9, 1e9)],
    [
      'a photo with other bytes and the time of before',
      () => {
        const file = join(photos, 'P1', '1.jpg')
        const { atime, mtime } = statSync(file)
        writeFileSync(file, Buffer.concat([image, Buffer.alloc(1)]))
        utimesSync(file, atime, mtime)
      },
    ],
  ])('is refused: %s', async (_what, change) => {
    await plan(1)
    change()
    const [shard] = await work(0)
    expect(shard!.error).toBeInstanceOf(InputError)
    expect(shard!.error!.message).toMatch(/P1.*changed after the work was planned/)
  })

  it('is none where the clock of the disk is ahead of that of the planner', async () => {
    for (const name of readdirSync(join(photos, 'P1'))) utimesSync(join(photos, 'P1', name), later(), later())
    await plan(1)
    expect(await work(0)).toEqual([{ shard: 0, wasDone: false }])
    expect(await finish()).toMatchObject({ images: 12 })
  })

  it('is refused where shards are joined', async () => {
    await plan(2)
    await work(0, 1)
    writeFileSync(join(photos, 'P0', 'new.jpg'), image)
    await expect(finish()).rejects.toThrow('changed after the work was planned')
  })
})

describe('plan.json', () => {
  const stored = () => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>

  it('of another version is refused in words', async () => {
    await plan()
    writeFileSync(path, JSON.stringify({ ...stored(), format: 9, tool: 'facedata 9.0.0' }))
    await expect(readPlan(path)).rejects.toThrow('is a plan in format 9, by facedata 9.0.0')
  })

  it('by another version of facedata is refused in words', async () => {
    await plan()
    const other = { ...stored(), tool: 'facedata 0.0.1' }
    writeFileSync(path, JSON.stringify(other))
    const { fault } = (await readPlan(path).catch((error) => error)) as InputError
    writeFileSync(path, JSON.stringify({ ...other, id: fault.actual }))
    await expect(readPlan(path)).rejects.toThrow(/was made by facedata 0.0.1, and this is facedata/)
  })

  it.each([
    ['output', { path: '/etc', kind: 'folder' }],
    ['options', { inputs: ['/elsewhere'] }],
    ['tool', 'facedata 0.0.1'],
    ['shards', [{ bytes: 1, xxh64: '0' }]],
    ['strict', true],
  ])('that was changed in %s is refused', async (key, value) => {
    await plan()
    writeFileSync(path, JSON.stringify({ ...stored(), [key]: value }))
    await expect(readPlan(path)).rejects.toThrow('changed after it was made')
  })

  it('may be written anew by another tool, with its keys in any order', async () => {
    const made = await plan()
    writeFileSync(path, JSON.stringify(Object.fromEntries(Object.entries(stored()).reverse())))
    expect((await readPlan(path)).id).toBe(made.id)
  })

  it('that is cut short or damaged anywhere is refused with an error of ours, and nothing is done', async () => {
    const made: ClusterPlan = await plan(2)
    await work(0, 1)
    const whole = readFileSync(path)
    const random = new Random(11)
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(whole)
      if (round % 3 === 0) writeFileSync(path, bytes.subarray(0, random.integer(bytes.length - 1)))
      else {
        bytes[random.integer(bytes.length)] = random.integer(256)
        writeFileSync(path, bytes)
      }
      const found = await readPlan(path).catch((error: Error) => error)
      if (found instanceof Error) expect(found).toBeInstanceOf(FacedataError)
      else expect(found).toEqual(made)
    }
    writeFileSync(path, whole)
    expect(await finish()).toMatchObject({ images: 12 })
  })

  it('that cannot be made leaves nothing behind', async () => {
    const faulty: AnyStage = {
      ...pack,
      filesOf() {
        throw new Error('the disk is away')
      },
    }
    await expect(
      planOf(faulty, { inputs: [photos], output, size: 112 }, { path, shards: 2 }),
    ).rejects.toThrow('away')
    expect(readdirSync(join(folder, 'datasets', '.scratch'))).toEqual([])
  })

  it('is not written over while its work is not finished', async () => {
    const made = await plan()
    await expect(plan()).rejects.toThrow('is a plan that is not finished')
    rmSync(planFolder(made), { recursive: true })
    await plan()
    writeFileSync(path, 'notes')
    await expect(plan()).rejects.toThrow('is no plan that can be read')
  })
})

describe('a marker', () => {
  it('that is damaged, or names files elsewhere, is none', async () => {
    const made = await plan(2)
    await work(0, 1)
    const finished = finishedFolder(made)
    const marker = markerPath(finished, 0)
    const whole = readFileSync(marker)
    const hostile = JSON.parse(whole.toString())
    hostile.files.push({ path: '../../../../../etc/hostname', bytes: 1, xxh64: '0' })
    writeFileSync(marker, JSON.stringify(hostile))
    await expect(finish()).rejects.toThrow('1 of 2 shards are not done')
    const { files } = JSON.parse(whole.toString())
    const random = new Random(5)
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(whole)
      if (round % 3 === 0) writeFileSync(marker, bytes.subarray(0, random.integer(bytes.length - 2)))
      else {
        bytes[random.integer(bytes.length)] = random.integer(256)
        writeFileSync(marker, bytes)
      }
      const found = await readMarker(finished, 0, made.id)
      if (found !== undefined) expect(found.files).toEqual(files)
    }
  })
})
