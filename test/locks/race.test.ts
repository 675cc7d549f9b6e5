import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { memoryFolder } from '../faults/memory-folder.js'

const PROCESSES = 6
const ROUNDS = 20
/** In every sixth round one of them is killed, somewhere between trying and releasing. */
const KILL_EVERY = 6

const contenders: ChildProcess[] = []
const start = () => fork(join(import.meta.dirname, 'contender.mjs'))
afterAll(() => {
  for (const child of contenders) child.kill('SIGKILL')
})

/** What a contender says of a lock, or that it was killed. */
async function sayOf(child: ChildProcess, path: string): Promise<unknown> {
  const stop = new AbortController()
  const ended = once(child, 'exit', stop).then(([code, signal]) => signal ?? code)
  const said = once(child, 'message', stop).then(([words]) => words)
  child.send(path)
  try {
    return await Promise.race([said, ended])
  } finally {
    stop.abort()
    await Promise.allSettled([said, ended])
  }
}

it('many processes that meet at one dead lock hold it one after the other, and leave nothing', async () => {
  const folder = memoryFolder()
  const { pid } = spawnSync(process.execPath, ['--version'])
  for (let i = 0; i < PROCESSES; i++) contenders.push(start())
  for (let round = 0; round < ROUNDS; round++) {
    const path = join(folder, `${round}.lock`)
    const dead = { pid, host: hostname(), since: '2026-01-31T01:30:00.000Z', runs: 'nightly.yaml' }
    writeFileSync(path, `${JSON.stringify(dead)}\n`)
    const said = contenders.map((child) => sayOf(child, path))
    const killed = round % KILL_EVERY === 0 ? contenders[round % PROCESSES] : undefined
    if (killed !== undefined) {
      await setTimeout(round % 9)
      killed.kill('SIGKILL')
    }
    for (const [i, words] of (await Promise.all(said)).entries()) {
      if (contenders[i] === killed && words === 'SIGKILL') continue
      expect(words).toBe('alone')
    }
    if (killed !== undefined) contenders[contenders.indexOf(killed)] = start()
    expect(await sayOf(contenders[(round + 1) % PROCESSES]!, path)).toBe('alone')
  }
  // Of the killed a temporary file or a link of a released chain may stay, and one that was killed inside its room.
  expect(readdirSync(folder).filter((name) => /^\d+\.lock$/.test(name))).toEqual([])
})
