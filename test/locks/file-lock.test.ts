import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { LockedError } from '../../src/errors/index.js'
import { observeWrites } from '../../src/io/index.js'
import { FileLock, outputLockPath, withOutputLocks } from '../../src/locks/index.js'
import { ownerHere, writerName } from '../../src/locks/owner.js'
import { temporaryFolder } from '../temporary-folder.js'

const log = { info: vi.fn(), warn: vi.fn() }
const since = '2026-01-31T01:30:00.000Z'
let folder: string
let path: string

beforeEach(async () => {
  folder = temporaryFolder()
  path = join(folder, 'a.lock')
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
    expect(await readdir(folder)).toEqual([])
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

  it('of another host stands as long as it is touched, whatever the clock here says', async () => {
    await leave({ pid: 1, host: 'elsewhere' })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    try {
      await expect(acquire()).rejects.toThrow('on elsewhere')
    } finally {
      vi.useRealTimers()
    }
  })

  it('of a container that shares the name of this host is not asked for here', async () => {
    const owner = { pid: await deadProcess(), host: hostname(), place: 'boot pid:[1]' }
    await leave(owner)
    await expect(acquire()).rejects.toThrow('Its lock is free 2 minutes after its end')
    await leave(owner, 130_000)
    await (await acquire()).release()
  })

  it('is taken over from all who died one after the other, and then nothing is left', async () => {
    const pid = await deadProcess()
    await leave({ pid, host: hostname() })
    const held = await Promise.allSettled([acquire(), acquire(), acquire()])
    const [lock, ...others] = held.filter(({ status }) => status === 'fulfilled')
    expect(others).toEqual([])
    const last = (await readdir(folder)).find((name) => name.startsWith('.a.lock.after-'))!
    const file = join(folder, last)
    const owner = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, `${JSON.stringify({ ...owner, pid })}\n`)
    const second = await acquire()
    await expect(acquire()).rejects.toThrow(`as process ${process.pid}`)
    await (lock as PromiseFulfilledResult<FileLock>).value.release()
    await expect(acquire()).rejects.toThrow(`as process ${process.pid}`)
    await second.release()
    expect(await readdir(folder)).toEqual([])
  })

  it('that was released and taken anew since it was found dead is not entered', async () => {
    await leave({ pid: await deadProcess(), host: hostname() })
    const other = { pid: process.ppid, host: hostname(), since, runs: 'merge' }
    const stop = observeWrites((event) => {
      if (event.kind !== 'hard-link' || !event.to.includes('.after-')) return
      writeFileSync(path, `${JSON.stringify(other)}\n`)
      stop()
    })
    await expect(acquire()).rejects.toThrow(`merge is running since ${since}`)
    expect(await readdir(folder)).toEqual(['a.lock'])
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(other)
  })

  it('is one, by whatever path it is reached', async () => {
    await symlink(folder, join(folder, 'alias'))
    const lock = await acquire()
    await expect(FileLock.acquire(join(folder, 'alias', 'a.lock'), 'pack', log)).rejects.toThrow(LockedError)
    await lock.release()
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

  it('is left alone by an owner that lost it, who says so', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const lock = await acquire()
      await leave({ pid: 1, host: 'elsewhere' }, 60_000)
      const { mtimeMs } = await stat(path)
      vi.advanceTimersByTime(5_000)
      await vi.waitFor(() =>
        expect(log.warn).toHaveBeenCalledWith(expect.stringContaining('is no longer ours')),
      )
      await lock.release()
      expect(await readFile(path, 'utf8')).toContain('elsewhere')
      expect((await stat(path)).mtimeMs).toBe(mtimeMs)
    } finally {
      vi.useRealTimers()
    }
  })

  it('whose name a folder has is told, and not waited for', async () => {
    await mkdir(path)
    await expect(acquire()).rejects.toThrow(`cannot write ${path}`)
  })

  it('of a process that was killed while it tried leaves no file behind', async () => {
    const gone = { pid: await deadProcess(), host: hostname(), since, runs: 'pack' }
    for (const name of ['.a.lock.0123456789abcdef.tmp', '.a.lock.after-0123456789abcdef']) {
      await writeFile(join(folder, name), `${JSON.stringify(gone)}\n`)
    }
    await (await acquire()).release()
    expect(await readdir(folder)).toEqual([])
  })

  it('of a process whose writing a power cut ended leaves no file without content behind', async () => {
    const pids = [await deadProcess(), process.pid]
    for (const pid of pids)
      await writeFile(join(folder, `.a.lock.${writerName({ ...ownerHere('pack'), pid })}.tmp`), '')
    const elsewhere = `.a.lock.${'0'.repeat(16)}-1-${'0'.repeat(16)}.tmp`
    await writeFile(join(folder, elsewhere), '')
    await (await acquire()).release()
    expect(await readdir(folder)).toEqual([elsewhere])
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    await utimes(join(folder, elsewhere), yesterday, yesterday)
    await (await acquire()).release()
    expect(await readdir(folder)).toEqual([])
  })

  it('that is none of ours is named, and not taken', async () => {
    await writeFile(path, 'mine')
    await expect(acquire()).rejects.toThrow(`${path} is not a lock of ours`)
  })
})

describe('locks of outputs', () => {
  it('are all held during the action, and free after it, also where it fails', async () => {
    const outputs = [join(folder, 'a'), join(folder, 'b')]
    const action = withOutputLocks(outputs, 'pack', log, async () => {
      for (const output of outputs) expect((await stat(outputLockPath(output))).isFile()).toBe(true)
      throw new Error('disk full')
    })
    await expect(action).rejects.toThrow('disk full')
    expect(await readdir(folder)).toEqual([])
  })

  it('are given back where one of them is held', async () => {
    const held = await FileLock.acquire(outputLockPath(join(folder, 'b')), 'merge', log)
    const outputs = [join(folder, 'a'), join(folder, 'b')]
    await expect(withOutputLocks(outputs, 'pack', log, async () => {})).rejects.toThrow('merge is running')
    expect(await readdir(folder)).toEqual(['.b.lock'])
    await held.release()
  })
})
