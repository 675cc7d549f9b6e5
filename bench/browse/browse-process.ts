import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../dist/cli/cli.js', import.meta.url))

/** `facedata browse` in a process of its own. */
export interface BrowseProcess {
  url: string
  /** From its start to the printed address. */
  seconds: number
  /** Resident memory now, and the most so far, bytes. */
  memory(): Promise<{ now: number; most: number }>
  stop(): Promise<void>
}

export async function startBrowse(dataset: string): Promise<BrowseProcess> {
  const start = performance.now()
  const child = spawn(process.execPath, [cli, 'browse', dataset, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let printed = ''
  for await (const text of child.stdout) {
    printed += text
    if (printed.endsWith('\n')) break
  }
  const seconds = (performance.now() - start) / 1000
  return {
    url: (JSON.parse(printed) as { url: string }).url,
    seconds,
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
      const bytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)![1]) * 1024
      return { now: bytes('VmRSS'), most: bytes('VmHWM') }
    },
    async stop() {
      child.kill('SIGINT')
      await closed
    },
  }
}
