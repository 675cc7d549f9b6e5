import { spawn } from 'node:child_process'
import { join } from 'node:path'

const cli = join(import.meta.dirname, '../../dist/cli/cli.js')
const stoppedCli = join(import.meta.dirname, 'stopped-cli.mjs')

/** How a process ended. */
export interface Ended {
  /** Null where a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  seconds: number
}

/** Runs `facedata` as a process. `stop` is called with a function that sends it a signal, where it is given. */
export function facedata(
  words: string[],
  settings: {
    stop?: (kill: (signal: NodeJS.Signals) => void) => void
    uid?: number
    command?: string[]
  } = {},
): Promise<Ended> {
  return runNode([cli, ...words], settings)
}

/** The same, stopped by a signal that it sends to itself when it announces its write number `write`, counted from 1. */
export function stoppedAtWrite(signal: NodeJS.Signals, write: number, words: string[]): Promise<Ended> {
  return runNode([stoppedCli, signal, String(write), ...words])
}

/** Runs a command and returns how it ended, with the most memory that its process held, in bytes. */
export async function measured(words: string[]): Promise<Ended & { peak: number }> {
  const ended = await runNode([stoppedCli, 'SIGKILL', '0', ...words])
  return { ...ended, peak: Number(/^peak: (\d+)$/m.exec(ended.stderr)?.[1]) * 1024 }
}

/** Number of writes that the main thread of a command announces. */
export async function countWrites(words: string[]): Promise<number> {
  const { stderr, code } = await runNode([stoppedCli, 'SIGKILL', '0', ...words])
  const writes = Number(/^writes: (\d+)$/m.exec(stderr)?.[1])
  if (code !== 0 || !(writes > 0)) throw new Error(`the undisturbed run failed: ${stderr}`)
  return writes
}

/** Runs a script with Node.js. */
export function runNode(
  words: string[],
  settings: {
    stop?: (kill: (signal: NodeJS.Signals) => void) => void
    uid?: number
    command?: string[]
  } = {},
): Promise<Ended> {
  const [command, ...before] = settings.command ?? [process.execPath]
  const began = performance.now()
  const child = spawn(command!, [...before, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(settings.uid === undefined ? {} : { uid: settings.uid, gid: settings.uid }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => (stdout += text))
  child.stderr.on('data', (text) => (stderr += text))
  settings.stop?.((signal) => child.kill(signal))
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', (code, signal) => {
      done({ code, signal, stdout, stderr, seconds: (performance.now() - began) / 1000 })
    })
  })
}
