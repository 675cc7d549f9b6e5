import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')

/** How a command ended. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** When to send a signal: once what was printed holds the text. */
export interface SignalAt {
  text: string
  signal: NodeJS.Signals
}

/** Runs `facedata WORDS` in a folder. */
export function facedata(
  folder: string,
  words: readonly string[],
  { environment = {}, signalAt }: { environment?: NodeJS.ProcessEnv; signalAt?: SignalAt } = {},
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, ...words], {
      cwd: folder,
      env: { ...process.env, ...environment },
    })
    const ended: Ended = { code: null, stdout: '', stderr: '' }
    let isSignalled = false
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        ended[stream] += text
        if (signalAt === undefined || isSignalled || !ended[stream].includes(signalAt.text)) return
        isSignalled = true
        child.kill(signalAt.signal)
      })
    }
    child.on('error', fail)
    child.on('close', (code) => done({ ...ended, code }))
  })
}
