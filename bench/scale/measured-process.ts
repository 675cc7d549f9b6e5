import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Measured {
  seconds: number
  /** Largest resident set of the process, bytes. */
  peakBytes: number
}

const hook = new URL('./peak-memory.js', import.meta.url).href

/** Runs node with these arguments. @throws Error with what it printed, where it fails */
export async function measureProcess(argv: string[], folder: string): Promise<Measured> {
  const peakFile = join(folder, 'peak')
  const start = performance.now()
  const child = spawn(process.execPath, ['--import', hook, ...argv], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, FACEDATA_PEAK_FILE: peakFile },
  })
  const printed: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (code !== 0) {
    const last = Buffer.concat(printed).toString().slice(-2000)
    throw new Error(`node ${argv.join(' ')} failed (${code ?? signal}):\n${last}`)
  }
  return {
    seconds: (performance.now() - start) / 1000,
    peakBytes: Number(await readFile(peakFile, 'utf8')) * 1024,
  }
}
