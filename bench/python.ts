import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Round, Side } from './pairing.js'

const scripts = fileURLToPath(new URL('../bench/other/', import.meta.url))

/** The Python of the other side. */
export interface BenchPython {
  executable: string
  /** Path of a script of `bench/other`. */
  script(name: string): string
  /** Standard output of a script. */
  output(name: string, ...args: string[]): Promise<string>
}

/** The environments, and what makes each of them. */
const ENVIRONMENTS = {
  data: 'bench/requirements-data.txt (7 GB, most of it PyTorch)',
  mtcnn: 'test/oracles/requirements-mtcnn.txt',
}

export type BenchEnvironment = keyof typeof ENVIRONMENTS

/** @throws Error that says how to install it */
export async function benchPython(environment: BenchEnvironment = 'data'): Promise<BenchPython> {
  const environments = process.env['FACEDATA_ORACLES'] ?? join(homedir(), '.cache', 'facedata', 'oracles')
  const executable = join(environments, environment, 'bin', 'python')
  await access(executable).catch(() => {
    throw new Error(`${executable} is missing. Run: test/oracles/install.sh ${ENVIRONMENTS[environment]}`)
  })
  const script = (name: string) => join(scripts, name)
  return {
    executable,
    script,
    async output(name, ...args) {
      return (await promisify(execFile)(executable, [script(name), ...args])).stdout
    },
  }
}

/** A side that runs in a Python process of its own, which answers each line with one round; its start is not timed. */
export async function pythonSide(
  name: string,
  script: string,
  args: string[],
  environment?: BenchEnvironment,
): Promise<{ side: Side; close(): Promise<void> }> {
  const python = await benchPython(environment)
  const child = spawn(python.executable, [python.script(script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const round = async (): Promise<Round> => {
    child.stdin.write('round\n')
    const { value, done } = await lines.next()
    if (done) throw new Error(`${script} ended before its round`)
    return JSON.parse(value) as Round
  }
  return {
    side: { name, round },
    async close() {
      const exit = once(child, 'exit')
      child.stdin.end()
      await exit
    },
  }
}
