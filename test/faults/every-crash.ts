import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { observeWrites, type WriteEvent } from '../../src/io/index.js'
import { Random } from '../../src/random/random.js'
import { CrashModel, type DiskState } from '../io/crash-model.js'

/** An operation on files below `root`, and what must hold after a power loss at any point of it. */
export interface CrashTest {
  /** Everything that it writes lies below; what stands there when the test begins has lasted. */
  root: string
  action(): Promise<unknown>
  /** Looks at what a crash left, in memory. Throws where it is not what it should be. */
  check(state: DiskState): void
  /** Runs on what a crash left, on the disk at `root`: the repeated action and what it must lead to. */
  again(): Promise<unknown>
  /** States looked at after each step of the disk, and states of all in which `again` runs. */
  states?: number
  repeats?: number
}

/** Records the action, and checks what a crash at each of its points may leave. */
export async function crashEverywhere(test: CrashTest): Promise<void> {
  const { root, states = 200, repeats = 120 } = test
  const random = new Random(20_240_601)
  const model = new CrashModel(root, random)
  const events = await recordWrites(test.action)
  const seen = new Map<string, DiskState>()
  for (const event of events) {
    for (const _ of model.follow(event)) {
      for (const state of model.states(states)) {
        if (seen.has(state.mark)) continue
        seen.set(state.mark, state)
        test.check(state)
      }
    }
  }
  for (const state of random.shuffle([...seen.values()]).slice(0, repeats)) {
    state.restore(root)
    await test.again()
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

/** Names of what differs between two sets of files: empty where they are the same, byte for byte. */
export function differences(a: Map<string, Buffer>, b: Map<string, Buffer>): string[] {
  const names = new Set([...a.keys(), ...b.keys()])
  return [...names].filter((name) => !(a.has(name) && b.has(name) && a.get(name)!.equals(b.get(name)!)))
}
