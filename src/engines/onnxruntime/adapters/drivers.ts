import { cpus } from 'node:os'
import { basename } from 'node:path'
import type { ProbeResult } from './probe-result.js'
import { openedDevice } from './vulkan-log.js'

/** What is known of the device under a provider. */
export interface DriverInfo {
  name: string
  driver: string
  software: boolean
}

/** Programs that play a device, by name or library: SwiftShader, Mesa's llvmpipe and lavapipe, Windows' WARP. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|_lvp|microsoft basic render/i

/** Libraries of Vulkan drivers: Mesa's, and NVIDIA's and AMD's own. */
const VULKAN_DRIVER = /lib(vulkan_|vk_|GLX_nvidia|nvidia-vulkan|amdvlk|.*vk(64)?\.so)/

/** A device of Windows in the runtime's log: `type:1` is a GPU. */
const WINDOWS_DEVICE = /OrtHardwareDevice \{[^}]*type:1,[^}]*Description=([^,\]}]+)/

/**
 * The device that WebGPU took, from what driver and runtime logged. The runtime itself tells nothing of it: on Linux
 * Vulkan's loader does, on Windows the runtime's list of devices; on macOS there is Metal alone.
 */
export function webgpuDriver(log: string, { libraries }: ProbeResult, platform: NodeJS.Platform): DriverInfo {
  if (platform === 'darwin') {
    return { name: cpus()[0]?.model ?? 'Apple GPU', driver: 'Metal', software: false }
  }
  if (platform === 'win32') {
    const name = WINDOWS_DEVICE.exec(log)?.[1]?.trim()
    // The runtime's list leaves software out: without a GPU in it, Windows' own renderer answered.
    return {
      name: name ?? 'Microsoft Basic Render Driver',
      driver: 'Direct3D 12',
      software: name === undefined || SOFTWARE.test(name),
    }
  }
  const device = openedDevice(log)
  if (device !== undefined) {
    const { name, library } = device
    return { name, driver: basename(library), software: SOFTWARE.test(name) || SOFTWARE.test(library) }
  }
  // A loader too old to say which it opened: every driver there is lies in the process.
  const drivers = libraries.map((path) => basename(path)).filter((name) => VULKAN_DRIVER.test(name))
  return {
    name: 'Vulkan device',
    driver: drivers.join(', ') || 'unknown',
    software: drivers.every((name) => SOFTWARE.test(name)),
  }
}
