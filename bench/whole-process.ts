import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Side } from './pairing.js'

const cli = fileURLToPath(new URL('../dist/cli/cli.js', import.meta.url))

/**
 * A side that is a whole process, timed from its start to its end. Before and after, its outputs are removed and what
 * the file system still has to write is written.
 */
export function processSide(options: {
  name: string
  command: readonly [string, ...string[]]
  amount: number
  folder: string
  outputs: string[]
}): Side {
  const { name, command, amount, folder, outputs } = options
  return {
    name,
    async reset() {
      for (const output of outputs) await rm(output, { recursive: true, force: true })
      await run('sync', ['-f', folder])
    },
    async round() {
      const start = performance.now()
      await run(...split(command))
      return { amount, seconds: (performance.now() - start) / 1000 }
    },
  }
}

/** What is there of a dataset that was published in `folder`: its link, and the versions behind it. */
export function publishedDataset(folder: string, name: string): string[] {
  return [join(folder, name), join(folder, '.versions', name)]
}

/** The command line as a user runs it, from the build. */
export function facedata(...args: string[]): readonly [string, ...string[]] {
  return [process.execPath, cli, ...args]
}

/** @throws Error with what the process printed, where it fails */
export async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const printed: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return
  throw new Error(`${command} ${args.join(' ')} failed (${code}):\n${Buffer.concat(printed).toString()}`)
}

function split([command, ...args]: readonly [string, ...string[]]): [string, string[]] {
  return [command, args]
}
