import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import * as promises from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type ClusterPlan, finishedFolder } from '../../../src/cluster/plan-file.js'
import { markerPath } from '../../../src/cluster/shard-marker.js'
import { DoneCount } from '../../../src/cluster/slurm/done-count.js'
import { temporaryFolder } from '../../temporary-folder.js'

/** What one listing takes, on the clock of the test. */
let listingTakes = 0

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof promises>()
  const readdir = vi.fn(async (path: string) => {
    vi.advanceTimersByTime(listingTakes)
    return actual.readdir(path)
  })
  return { ...actual, readdir }
})

const listings = vi.mocked(promises.readdir).mock.calls
let folder: string
let count: DoneCount

beforeEach(() => {
  const plan = { output: { path: join(temporaryFolder(), 'people') }, stage: 'pack', id: '0' } as ClusterPlan
  folder = finishedFolder(plan)
  listings.length = 0
  listingTakes = 0
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] })
  count = new DoneCount(plan)
})
afterEach(() => {
  vi.useRealTimers()
})

/** Puts markers there at a time of the file system, in seconds. */
function mark(shards: number[], seconds: number): void {
  mkdirSync(folder, { recursive: true })
  for (const shard of shards) writeFileSync(markerPath(folder, shard), '{}')
  utimesSync(folder, seconds, seconds)
}

async function lookAfter(milliseconds: number): Promise<number> {
  vi.advanceTimersByTime(milliseconds)
  return count.look()
}

it('lists the folder only when something came', async () => {
  expect(await lookAfter(0)).toBe(0)
  mark([0, 3], 1)
  expect(await lookAfter(1000)).toBe(2)
  const before = listings.length
  for (let second = 0; second < 50; second++) expect(await lookAfter(1000)).toBe(2)
  expect(listings.length).toBe(before)
  mark([7], 2)
  expect(await lookAfter(1000)).toBe(3)
})

it('sees after a minute what came without a new time', async () => {
  mark([0], 1)
  expect(await lookAfter(0)).toBe(1)
  mark([1], 1)
  expect(await lookAfter(59_000)).toBe(1)
  expect(await lookAfter(1_000)).toBe(2)
})

it('spends at most a twentieth of the time on listings', async () => {
  listingTakes = 3_000
  for (let second = 0; second < 120; second++) {
    mark([second], second)
    await lookAfter(1000)
  }
  expect(listings.length).toBe(2)
  expect(await count.look()).toBe(61)
})

it('never counts back when the folder is removed', async () => {
  mark([0, 1], 1)
  expect(await lookAfter(0)).toBe(2)
  await promises.rm(folder, { recursive: true })
  expect(await lookAfter(1000)).toBe(2)
})
