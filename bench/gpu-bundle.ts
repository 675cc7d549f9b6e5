import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { filesNeeded } from './gpu/bundle-files.js'

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'facedata-gpu.tar.gz' },
    node: { type: 'string', default: process.execPath },
    loader: { type: 'string' },
  },
})

/** Larger, it cannot be sent where it is to go. */
const LARGEST = 60 * 2 ** 20

const NAME = 'facedata-gpu'
const LOADER = 'libvulkan.so.1'
const root = fileURLToPath(new URL('..', import.meta.url))

const ENTRIES = [
  '.bench/gpu.js',
  '.bench/gpu/training-entry.js',
  '.bench/gpu/correctness-entry.js',
  'dist/engines/onnxruntime/training-worker.js',
  'dist/engines/onnxruntime/adapters/probe-process.js',
]

/** PyTorch's side, and the models that it builds. */
const PYTHON = ['bench/other/gpu_training.py', 'test/oracles/reference_model.py']

/** Dependencies of onnxruntime-node's install script alone. */
const INSTALLING = new Set(['adm-zip', 'global-agent'])

/** What no program on Linux x64 loads. */
const ELSEWHERE =
  /\/onnxruntime-node\/(bin\/napi-v\d+\/(?!linux\/x64)|script\/|lib\/)|\.(map|md|d\.[cm]?ts|[cm]?ts)$/

const folder = mkdtempSync(join(tmpdir(), 'facedata-gpu-bundle-'))
try {
  const bundle = join(folder, NAME)
  const { files, packages } = filesNeeded(root, ENTRIES)
  for (const file of [...files, ...PYTHON, 'package.json']) copy(join(root, file), join(bundle, file))
  const all = withDependencies(packages)
  for (const name of all) copyPackage(name, bundle)
  copy(values.node, join(bundle, 'node'))
  copy(values.loader ?? installedLoader(), join(bundle, 'lib', LOADER))
  const script = join(bundle, 'run.sh')
  writeFileSync(script, runScript())
  chmodSync(script, 0o755)
  execFileSync('tar', ['-C', folder, '--owner=0', '--group=0', '-cf', join(folder, 'bundle.tar'), NAME])
  execFileSync('gzip', [join(folder, 'bundle.tar')])
  const packed = join(folder, 'bundle.tar.gz')
  const { size } = statSync(packed)
  const told = `${(size / 2 ** 20).toFixed(1)} MiB`
  if (size > LARGEST) throw new Error(`the bundle has ${told}, more than ${LARGEST / 2 ** 20}`)
  copyFileSync(packed, values.output)
  process.stdout.write(`${values.output}: ${told}; ${files.length} files, ${all.join(', ')}\n`)
} finally {
  rmSync(folder, { recursive: true })
}

/** Packages and those that they load. */
function withDependencies(names: readonly string[]): string[] {
  const all = new Set(names)
  for (const name of all) {
    const description = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')
    const { dependencies = {} } = JSON.parse(description) as { dependencies?: Record<string, string> }
    for (const other of Object.keys(dependencies)) if (!INSTALLING.has(other)) all.add(other)
  }
  return [...all]
}

function copyPackage(name: string, bundle: string): void {
  const place = join('node_modules', name)
  cpSync(join(root, place), join(bundle, place), {
    recursive: true,
    dereference: true,
    filter: (source) => statSync(source).isDirectory() || !ELSEWHERE.test(source),
  })
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}

/** Vulkan's loader of this machine. */
function installedLoader(): string {
  const listed = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
  const path = /libvulkan\.so\.1 \(libc6,x86-64\) => (\S+)/.exec(listed)?.[1]
  if (path !== undefined) return path
  throw new Error(`${LOADER} is not installed (Debian: libvulkan1): --loader names one`)
}

/** A loader that is installed goes before the one that came along. */
function runScript(): string {
  return `#!/bin/sh
# Devices, correctness and speed of training on this machine's GPU. Options: bench/GPU.md of facedata
here=$(cd "$(dirname "$0")" && pwd)
if ! ldconfig -p 2>/dev/null | grep -q ${LOADER.replaceAll('.', '\\.')}; then
  export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
fi
exec "$here/node" "$here/.bench/gpu.js" "$@"
`
}
