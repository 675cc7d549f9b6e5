import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Adapter, AdapterAnswer } from './adapter.js'
import { nvidiaDevices, otherDeviceMemory } from './device-memory.js'
import { webgpuDriver } from './drivers.js'
import type { ProbeResult } from './probe-result.js'

const ENTRY = new URL('../../../../dist/engines/onnxruntime/adapters/probe-process.js', import.meta.url)

/** A driver that does not answer in so many milliseconds is taken for none; the first shaders can take seconds. */
const TIME_LIMIT = 60_000

/** Most that driver and runtime may log, in bytes. */
const LONGEST_LOG = 64 * 2 ** 20

const answers = new Map<Adapter['provider'], Promise<AdapterAnswer>>()

/**
 * The device that sessions of this provider compute on, found once for the process by a small graph that runs in a
 * process of its own: a driver that crashes or hangs is a problem named here, no end of facedata.
 */
export function findAdapter(provider: Adapter['provider']): Promise<AdapterAnswer> {
  const known = answers.get(provider)
  if (known !== undefined) return known
  const answer = provider === 'cuda' ? cudaAdapter() : webgpuAdapter()
  answers.set(provider, answer)
  return answer
}

async function webgpuAdapter(): Promise<AdapterAnswer> {
  const { result, log } = await probe('webgpu')
  if (result.problem !== undefined) return { problem: webgpuProblem(result.problem, log) }
  const { name, driver, software } = webgpuDriver(log, result, process.platform)
  const found = { provider: 'webgpu', name, software, float16: result.float16 } as const
  if (software) return { adapter: { ...found, driver, memory: undefined } }
  const nvidia = (await nvidiaDevices()).find((device) => device.name === name)
  if (nvidia !== undefined) {
    return { adapter: { ...found, driver: `${driver} ${nvidia.driverVersion}`, memory: nvidia.memory } }
  }
  return { adapter: { ...found, driver, memory: await otherDeviceMemory(process.platform) } }
}

async function cudaAdapter(): Promise<AdapterAnswer> {
  const library = cudaLibrary()
  if (!existsSync(library)) {
    return {
      problem: `its library is not installed (${library}): onnxruntime-node's install script loads it`,
    }
  }
  const { result } = await probe('cuda')
  if (result.problem !== undefined) return { problem: result.problem }
  const [device] = await nvidiaDevices()
  return {
    adapter: {
      provider: 'cuda',
      name: device?.name ?? 'CUDA device',
      driver: ['CUDA', device?.driverVersion].filter(Boolean).join(' '),
      memory: device?.memory,
      float16: result.float16,
      software: false,
    },
  }
}

function cudaLibrary(): string {
  const packageFile = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const file =
    process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so'
  return join(dirname(packageFile), 'bin', 'napi-v6', process.platform, process.arch, file)
}

/** The runtime's words, or what a user can do where these are known. */
function webgpuProblem(problem: string, log: string): string {
  if (/Couldn't load Vulkan/.test(log)) {
    return "Vulkan's loader libvulkan.so.1 is not installed (Debian, Ubuntu: the package libvulkan1)"
  }
  if (process.platform === 'linux' && /Failed to get a WebGPU adapter/.test(problem)) {
    return (
      'no Vulkan driver answers: install that of the GPU; in a container an NVIDIA driver is there with its ' +
      'graphics capability alone (NVIDIA_DRIVER_CAPABILITIES=all)'
    )
  }
  return problem
}

/** Runs the probe; one that crashes or hangs has that as its problem. */
function probe(provider: Adapter['provider']): Promise<{ result: ProbeResult; log: string }> {
  const options = {
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
    maxBuffer: LONGEST_LOG,
    env: { ...process.env, VK_LOADER_DEBUG: 'all' },
  } as const
  return new Promise((resolve) => {
    execFile(process.execPath, [fileURLToPath(ENTRY), provider], options, (error, stdout, stderr) => {
      // What the process printed holds, even where a driver crashes on the way out.
      const line = stdout.split('\n').find((text) => text.startsWith('{'))
      const result = line === undefined ? nothing(error) : (JSON.parse(line) as ProbeResult)
      resolve({ result, log: stderr + stdout })
    })
  })
}

function nothing(
  error: (Error & { killed?: boolean; signal?: unknown; code?: unknown }) | null,
): ProbeResult {
  const problem = error?.killed
    ? `its driver did not answer within ${TIME_LIMIT / 1000} s`
    : `its driver ends the process that asks it (${error?.signal ?? `exit code ${error?.code}`})`
  return { problem, float16: false, libraries: [] }
}
