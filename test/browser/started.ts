import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')

/** `facedata browse` in a process of its own. */
export interface Started {
  url: string
  answers: string[]
  pid: number
  /** Ends it as Ctrl-C does, and tells its exit code. */
  stop(): Promise<number | null>
}

export async function startBrowse(words: string[], folder: string): Promise<Started> {
  const child = spawn(process.execPath, [cli, 'browse', '--json', ...words], { cwd: folder })
  let printed = ''
  let complaints = ''
  child.stderr.on('data', (text) => (complaints += text))
  const closed = once(child, 'close') as Promise<[number | null]>
  for await (const text of child.stdout) {
    printed += text
    if (printed.endsWith('\n')) break
  }
  if (printed === '') {
    const [code] = await closed
    throw new Error(`facedata browse ${words.join(' ')} ended with ${code}: ${complaints}`)
  }
  return {
    ...(JSON.parse(printed) as { url: string; answers: string[] }),
    pid: child.pid!,
    async stop() {
      child.kill('SIGINT')
      return (await closed)[0]
    },
  }
}
