// A process that races for locks: each that it is sent it takes once, and says whether it was alone.
import { readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { FileLock } from '../../dist/locks/index.js'

const log = { info() {}, warn() {} }

async function enterAlone(path) {
  for (;;) {
    try {
      const lock = await FileLock.acquire(path, 'race', log)
      try {
        await stayAlone(`${path}.room`)
      } finally {
        await lock.release()
      }
      return
    } catch (error) {
      if (error.name !== 'LockedError') throw error
      await setTimeout(1)
    }
  }
}

async function stayAlone(room) {
  try {
    // A link, since it has its content from the start.
    symlinkSync(`${process.pid}`, room)
  } catch {
    // Whoever made it must have been killed in it.
    const other = Number(readlinkSync(room))
    if (isRunning(other)) throw new Error(`${process.pid} and ${other} hold the lock`)
    rmSync(room)
    symlinkSync(`${process.pid}`, room)
  }
  await setImmediate()
  if (readlinkSync(room) !== `${process.pid}`) throw new Error('another one came in')
  rmSync(room)
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

process.on('message', (path) => {
  enterAlone(path).then(
    () => process.send('alone'),
    (error) => process.send(String(error)),
  )
})
