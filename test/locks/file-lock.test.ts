import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { LockedError } from '../../src/errors/index.js'
import { FileLock, outputLockPath, withOutputLocks } from '../../src/locks/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const log = { info: vi.fn(), warn: vi.fn() }
const since = '2026-01-31T01:30:00.000Z'
let path: string

beforeEach(async () => {
  path = join(temporaryFolder(), 'a.lock')
  log.warn.mockClear()
})

const acquire = () => FileLock.acquire(path, 'nightly.yaml', log)

async function leave(owner: object, touchedBefore = 0): Promise<void> {
  await writeFile(path, `${JSON.stringify({ since, runs: 'nightly.yaml', ...owner })}\n`)
  const time = new Date(Date.now() - touchedBefore)
  await utimes(path, time, time)
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid!
}

describe('a lock', () => {
  it('is held by one, also within a process, and leaves nothing behind', async () => {
    const lock = await acquire()
    await expect(acquire()).rejects.toThrow(LockedError)
    await lock.release()
    await (await acquire()).release()
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  it('of a process that is gone from this host is taken over', async () => {
    const pid = await deadProcess()
    await leave({ pid, host: hostname() })
    const lock = await acquire()
    expect(log.warn.mock.calls[0]![0]).toContain(`process ${pid} on ${hostname()}, which is gone`)
    await lock.release()
  })

  it('of a process that runs here stands, however old it is', async () => {
    await leave({ pid: process.ppid, host: hostname() }, 3_600_000)
    await expect(acquire()).rejects.toThrow(`as process ${process.ppid} on ${hostname()}`)
  })

  it('of another host stands as long as it is touched', async () => {
    await leave({ pid: 1, host: 'elsewhere' }, 60_000)
    await expect(acquire()).rejects.toThrow(/on elsewhere. Its lock is free 2 minutes after its end/)
    await leave({ pid: 1, host: 'elsewhere' }, 130_000)
    await (await acquire()).release()
  })

  it('is touched while it is held, and not after', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const lock = await acquire()
      const before = new Date(Date.now() - 60_000)
      await utimes(path, before, before)
      vi.advanceTimersByTime(5_000)
      await vi.waitFor(async () => expect((await stat(path)).mtimeMs).toBeGreaterThan(before.getTime()))
      await lock.release()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is left alone by an owner that lost it', async () => {
    const lock = await acquire()
    await leave({ pid: 1, host: 'elsewhere' })
    await lock.release()
    expect(await readFile(path, 'utf8')).toContain('elsewhere')
  })

  it('that is none of ours is named, and not taken', async () => {
    await writeFile(path, 'mine')
    await expect(acquire()).rejects.toThrow(`${path} is not a lock of ours`)
  })
})

describe('locks of outputs', () => {
  it('are all held during the action, and free after it, also where it fails', async () => {
    const outputs = [join(path, '..', 'a'), join(path, '..', 'b')]
    const action = withOutputLocks(outputs, 'pack', log, async () => {
      for (const output of outputs) expect((await stat(outputLockPath(output))).isFile()).toBe(true)
      throw new Error('disk full')
    })
    await expect(action).rejects.toThrow('disk full')
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  it('are given back where one of them is held', async () => {
    const held = await FileLock.acquire(outputLockPath(join(path, '..', 'b')), 'merge', log)
    const outputs = [join(path, '..', 'a'), join(path, '..', 'b')]
    await expect(withOutputLocks(outputs, 'pack', log, async () => {})).rejects.toThrow('merge is running')
    expect(await readdir(join(path, '..'))).toEqual(['.b.lock'])
    await held.release()
  })
})
