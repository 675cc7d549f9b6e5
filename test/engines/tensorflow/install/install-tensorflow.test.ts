import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addonCandidates } from '../../../../src/engines/tensorflow/addon/addon-candidates.js'
import {
  type InstallOptions,
  installTensorFlow,
} from '../../../../src/engines/tensorflow/install/install-tensorflow.js'
import { InputError } from '../../../../src/errors/index.js'
import { silentLog, silentProgress } from '../../../../src/progress/progress.js'
import { compilerMissing, failingCompiler, fakeCompiler } from './fake-compiler.js'
import { FakeIndex } from './fake-index.js'
import { CUDA_METADATA, fakeWheel, tensorFlowWheel } from './fake-wheels.js'

const CLI = resolve(import.meta.dirname, '../../../../dist/cli/cli.js')
const runs = process.platform === 'linux' && !compilerMissing

/** Linux on arm64 has no package for the CPU alone. */
const PACKAGE = process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu'

describe.skipIf(!runs)(`engine install tensorflow${runs ? '' : ' (needs Linux and g++)'}`, () => {
  let folder: string
  let index: FakeIndex

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facedata-install-'))
    index = await FakeIndex.start()
    index.wheels.set(PACKAGE, [tensorFlowWheel()])
    vi.stubEnv('CXX', fakeCompiler(folder))
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await index.stop()
    rmSync(folder, { recursive: true })
  })

  const engines = () => join(folder, 'engines')
  const engine = () => join(engines(), 'tensorflow-2.20.0')
  const install = (options: Partial<InstallOptions> = {}) =>
    installTensorFlow({
      dir: engines(),
      index: index.url,
      log: silentLog,
      progress: silentProgress,
      ...options,
    })

  it('builds an engine and leaves nothing else; the second time it is there', async () => {
    expect(await install()).toMatchObject({ folder: engine(), version: '2.20.0', gpu: false, built: true })
    expect(readdirSync(engines())).toEqual(['tensorflow-2.20.0'])
    expect(readdirSync(engine()).sort()).toEqual(['engine.json', 'tensorflow', 'tfjs_binding.node'])
    expect(readdirSync(join(engine(), 'tensorflow')).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ])
    expect(addonCandidates(engines())[0]).toEqual({
      source: 'installed engine',
      path: join(engine(), 'tfjs_binding.node'),
    })
    expect(await install()).toMatchObject({ folder: engine(), built: false })
    expect(index.ranges).toEqual(['all'])
  })

  it('reads an index that speaks HTML', async () => {
    index.form = 'html'
    expect(await install()).toMatchObject({ built: true })
  })

  it('goes on where a connection broke', async () => {
    index.answers.push('half, then the connection breaks')
    expect(await install()).toMatchObject({ built: true })
    expect(index.ranges).toEqual(['all', expect.stringMatching(/^bytes=\d{5,}-$/)])
  })

  it('takes the whole file from a server that cannot begin in the middle', async () => {
    index.answers.push('half, then the connection breaks', 'from its beginning')
    expect(await install()).toMatchObject({ built: true })
  })

  it('throws away what is not the file that the index announces', async () => {
    const wheel = tensorFlowWheel()
    index.wheels.set(PACKAGE, [{ ...wheel, sha256: '0'.repeat(64) }])
    const failure = await install().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(InputError)
    expect((failure as Error).message).toMatch(
      /tensorflow_cpu-2\.20\.0.*: is not the file that the index announces: expected sha256 0{64}, found sha256 [0-9a-f]{64}, \d+ bytes\./,
    )
    expect(filesBelow(engines())).toEqual([])
  })

  it('asks for a compiler before it downloads', async () => {
    vi.stubEnv('CXX', 'no-such-compiler')
    await expect(install()).rejects.toThrow(
      /there is no C\+\+ compiler: no-such-compiler does not run\. Install one \(Debian and Ubuntu: apt-get install g\+\+/,
    )
    expect(index.ranges).toEqual([])
  })

  it('shows what the compiler says, and keeps the download for the next time', async () => {
    vi.stubEnv('CXX', failingCompiler(folder))
    await expect(install()).rejects.toThrow(
      /cannot compile the addon.*\n {2}utils\.h:27:10: fatal error: c_api\.h/,
    )
    vi.stubEnv('CXX', fakeCompiler(folder))
    expect(await install()).toMatchObject({ built: true })
    expect(index.ranges).toEqual(['all'])
  })

  it('says which versions there are', async () => {
    await expect(install({ tensorflow: '2.99.0' })).rejects.toThrow(
      /==2\.99\.0 for Linux on \w+; it has 2\.20\.0/,
    )
    await expect(install({ tensorflow: 'newest' })).rejects.toThrow(
      /must be a release such as 2\.20\.0, not newest/,
    )
  })

  it('says what it cannot reach', async () => {
    await index.stop()
    await expect(install()).rejects.toThrow(/cannot reach 127\.0\.0\.1:\d+: .*ECONNREFUSED/)
    index = await FakeIndex.start()
  })

  it.skipIf(process.arch !== 'x64')('brings the NVIDIA libraries that the wheel asks for', async () => {
    index.wheels.set('tensorflow', [tensorFlowWheel('tensorflow', CUDA_METADATA)])
    index.wheels.set('nvidia-cuda-runtime-cu12', [
      fakeWheel('nvidia_cuda_runtime_cu12', '12.4.127', {}),
      fakeWheel('nvidia_cuda_runtime_cu12', '12.9.79', {
        'nvidia/cuda_runtime/lib/libcudart.so.12': 'cudart',
      }),
      fakeWheel('nvidia_cuda_runtime_cu12', '13.0.1', {}),
    ])
    index.wheels.set('nvidia-cudnn-cu12', [
      fakeWheel('nvidia_cudnn_cu12', '9.10.2.21', {
        'nvidia/cudnn/lib/libcudnn.so.9': 'cudnn',
        'nvidia/cudnn/include/cudnn.h': '',
      }),
    ])
    await install()
    expect(await install({ gpu: true })).toMatchObject({ folder: `${engine()}-gpu`, cuda: '12.9.79' })
    const beside = join(`${engine()}-gpu`, 'tensorflow')
    expect(readlinkSync(join(beside, 'libcudnn.so.9'))).toBe('../nvidia/cudnn/lib/libcudnn.so.9')
    expect(readFileSync(join(beside, 'libcudart.so.12'), 'utf8')).toBe('cudart')
    expect(addonCandidates(engines()).slice(0, 2)).toMatchObject([
      { cuda: '12.9.79' },
      { source: 'installed engine' },
    ])
  })

  it('leaves no engine when it is killed, and goes on from there', async () => {
    index.answers.push('half, then nothing')
    const options = ['engine', 'install', 'tensorflow', '--dir', engines(), '--index', index.url]
    const child = spawn(process.execPath, [CLI, ...options], { stdio: 'ignore' })
    const part = join(engines(), '.downloads', `${tensorFlowWheel().fileName}.part`)
    while (!(existsSync(part) && statSync(part).size > 0)) await wait(20)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(engine())).toBe(false)
    expect(addonCandidates(engines()).filter(({ source }) => source === 'installed engine')).toEqual([])

    const size = statSync(part).size
    expect(await install()).toMatchObject({ built: true })
    expect(index.ranges).toEqual(['all', `bytes=${size}-`])
    expect(readdirSync(engines())).toEqual(['tensorflow-2.20.0'])
  })
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}
