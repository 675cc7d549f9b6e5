import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { arch, availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { type Check, ok } from './check.js'

const GIB = 2 ** 30

/** Oldest Node.js on which facedata is tested. */
const NODE_MAJOR = 20
const NODE_MINOR = 9

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const recent = major > NODE_MAJOR || (major === NODE_MAJOR && minor >= NODE_MINOR)
  if (recent) return ok('Node.js', version)
  const fix = `Install Node.js ${NODE_MAJOR}.${NODE_MINOR} or later.`
  return { name: 'Node.js', status: 'fail', found: version, fix }
}

export function checkProcessor(): Check {
  const model = cpus()[0]?.model.trim() || arch()
  const vectors = vectorExtensions(cpuFlags())
  const found = [`${availableParallelism()} cores`, model, ...(vectors ?? [])].join(', ')
  if (vectors?.length !== 0) return ok('processor', found)
  const fix = 'Training on this processor is slow: it has no AVX2. Use another machine for it.'
  return { name: 'processor', status: 'warn', found, fix }
}

/** The vector instructions that matter for training, of those that the processor has; undefined where nothing tells. */
export function vectorExtensions(flags: ReadonlySet<string> | undefined): string[] | undefined {
  if (flags === undefined) return undefined
  if (flags.has('asimd')) return ['NEON']
  return [
    ...(flags.has('avx2') ? ['AVX2'] : []),
    ...(flags.has('avx512f') ? ['AVX512'] : []),
    ...(flags.has('avx512_vnni') ? ['VNNI'] : []),
  ]
}

/** Linux alone says what a processor can do in a file. */
function cpuFlags(): Set<string> | undefined {
  if (!existsSync('/proc/cpuinfo')) return undefined
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))
  return line === null ? undefined : new Set(line[1]!.trim().split(/\s+/))
}

export function checkMemory(): Check {
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return judgeMemory(Math.min(availableMemory(), total), total)
}

export function judgeMemory(available: number, total: number): Check {
  const found = `${gib(available)} free of ${gib(total)}`
  if (available >= 2 * GIB) return ok('memory', found)
  const fix = 'Training needs about 2 GiB: close other programs, or train with a smaller batch_size.'
  return { name: 'memory', status: 'warn', found, fix }
}

/** What programs can still take, caches counted: the kernel's estimate where there is one. */
function availableMemory(): number {
  if (!existsSync('/proc/meminfo')) return freemem()
  const kib = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return kib === undefined ? freemem() : Number(kib) * 1024
}

/** Space in the datasets folder, or in the folder that it would be made in. */
export async function checkDisk(datasets: string): Promise<Check> {
  let folder = datasets
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  return judgeDisk(bavail * bsize, datasets)
}

export function judgeDisk(free: number, datasets: string): Check {
  const found = `${gib(free)} free for ${datasets}`
  if (free >= 10 * GIB) return ok('disk', found)
  const fix = 'Free some space, or name a folder on another disk with --datasets or $FACEDATA_DATASETS.'
  return { name: 'disk', status: free >= GIB ? 'warn' : 'fail', found, fix }
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
