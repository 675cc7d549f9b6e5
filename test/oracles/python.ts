import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

export type OracleName = 'mtcnn' | 'mxnet' | 'torch'

/** Folder of the oracles' virtual environments, made by `test/oracles/install.sh`. */
const environments = process.env['FACEDATA_ORACLES'] ?? join(homedir(), '.cache', 'facedata', 'oracles')

/** Path of an oracle's Python, or undefined where it is not installed: tests that need it are skipped. */
export function oracle(name: OracleName): string | undefined {
  const python = join(environments, name, 'bin', 'python')
  return existsSync(python) ? python : undefined
}

/** Runs `test/oracles/SCRIPT` with one of the oracles and returns its standard output. */
export async function runOracle(name: OracleName, script: string, ...argv: string[]): Promise<string> {
  const python = oracle(name)
  if (python === undefined) throw new Error(`the ${name} oracle is not installed`)
  const { stdout } = await promisify(execFile)(python, [resolve(import.meta.dirname, script), ...argv], {
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, OMP_NUM_THREADS: '2' },
  })
  return stdout
}
