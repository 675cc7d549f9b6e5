import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { benchPython } from './python.js'

/** The machine and the versions of both sides, as lines of Markdown. */
export async function describeMachine(): Promise<string[]> {
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model ?? 'unknown processor'
  const python = await benchPython()
  return [
    `- Machine: ${model}, ${availableParallelism()} cores, ${memory} GiB of memory, ${type()} ${release()}`,
    `- Node.js ${process.versions.node}; ${(await python.output('versions.py')).trim()}`,
  ]
}
