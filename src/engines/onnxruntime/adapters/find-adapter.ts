import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Adapter, AdapterAnswer } from './adapter.js'
import { askProcess } from './ask-process.js'
import { nvidiaDevices, otherDeviceMemory } from './device-memory.js'
import { webgpuDriver } from './drivers.js'
import type { ProbeResult } from './probe-result.js'

const ENTRY = new URL('../../../../dist/engines/onnxruntime/adapters/probe-process.js', import.meta.url)

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

async function probe(provider: Adapter['provider']): Promise<{ result: ProbeResult; log: string }> {
  const { answer, problem, log } = await askProcess<ProbeResult>(ENTRY, provider)
  return { result: answer ?? { problem, float16: false, libraries: [] }, log }
}
