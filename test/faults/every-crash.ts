import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { observeWrites, type WriteEvent } from '../../src/io/index.js'
import { Random } from '../../src/random/random.js'
import { CrashModel, type DiskState } from '../io/crash-model.js'
import { CACHE } from './published.js'

/** An operation on files below `root`, and what must hold after a power loss at any point of it. */
export interface CrashTest {
  /** Everything that it writes lies below; what stands there when the test begins has lasted. */
  root: string
  action(): Promise<unknown>
  /** Looks at what a crash left, in memory. Throws where it is not what it should be. */
  check(state: DiskState): void
  /** Runs on what a crash left, on the disk at `root`: the repeated action and what it must lead to. */
  again(): Promise<unknown>
}

/** States looked at after each step of the disk. */
const STATES = 200

/**
 * Records the action, and checks what a crash at each of its points may leave. For each write, `again` runs on one of
 * the states that are first met with it.
 */
export async function crashEverywhere({ root, action, check, again }: CrashTest): Promise<void> {
  const random = new Random(20_240_601)
  const model = new CrashModel(root, random)
  const events = await recordWrites(action)
  const seen = new Set<string>()
  const chosen: DiskState[] = []
  for (const event of events) {
    const met: DiskState[] = []
    for (const _ of model.follow(event)) {
      for (const state of model.states(STATES)) {
        if (seen.has(state.mark)) continue
        seen.add(state.mark)
        met.push(state)
        check(state)
      }
    }
    if (met.length > 0) chosen.push(met[random.integer(met.length)]!)
  }
  for (const state of chosen) {
    state.restore(root)
    await again()
  }
}

/** The writes of an action, with copies of their bytes. */
async function recordWrites(action: () => Promise<unknown>): Promise<WriteEvent[]> {
  const events: WriteEvent[] = []
  const stop = observeWrites((event) => {
    events.push(event.kind === 'write' ? { ...event, bytes: Buffer.from(event.bytes) } : event)
  })
  try {
    await action()
  } finally {
    stop()
  }
  return events
}

/** The files below a folder, behind links too, by their paths in it. A file has the empty path. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  if (!lstatSync(folder).isSymbolicLink() && lstatSync(folder).isFile()) {
    return files.set('', readFileSync(folder))
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name)
    if (lstatSync(path).isFile()) files.set(name, readFileSync(path))
  }
  return files
}

/** Names of what differs between two sets of files but for the cache: empty where they are the same, byte for byte. */
export function differences(a: Map<string, Buffer>, b: Map<string, Buffer>): string[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].filter((name) => basename(name) !== CACHE)
  return names.filter((name) => !(a.has(name) && b.has(name) && a.get(name)!.equals(b.get(name)!)))
}
