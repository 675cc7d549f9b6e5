import { describe, expect, it } from 'vitest'
import { parseNvidiaList } from '../../../../src/engines/onnxruntime/adapters/device-memory.js'
import { webgpuDriver } from '../../../../src/engines/onnxruntime/adapters/drivers.js'

const loaded = (libraries: string[]) => ({ problem: undefined, float16: false, libraries })

const line = (name: string, library: string) =>
  `[Vulkan Loader] DRIVER:     Using "${name}" with driver: "${library}"\n`

describe('the driver under WebGPU', () => {
  it('is the device that Vulkan opened last', () => {
    const log =
      line('llvmpipe (LLVM 15.0.6, 256 bits)', '/usr/lib/libvulkan_lvp.so') +
      line('NVIDIA H100 80GB HBM3', '/usr/lib/x86_64-linux-gnu/libGLX_nvidia.so.0')
    expect(webgpuDriver(log, loaded([]), 'linux')).toEqual({
      name: 'NVIDIA H100 80GB HBM3',
      driver: 'libGLX_nvidia.so.0',
      software: false,
    })
  })

  it.each([
    ['SwiftShader Device (Subzero)', '/usr/lib/chromium/libvk_swiftshader.so'],
    ['llvmpipe (LLVM 15.0.6, 256 bits)', '/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so'],
  ])('is software where it is %s', (name, library) => {
    expect(webgpuDriver(line(name, library), loaded([]), 'linux').software).toBe(true)
  })

  it('is told by the libraries where the loader does not log', () => {
    const radeon = ['/usr/lib/libvulkan.so.1', '/usr/lib/libvulkan_lvp.so', '/usr/lib/libvulkan_radeon.so']
    expect(webgpuDriver('', loaded(radeon), 'linux')).toEqual({
      name: 'Vulkan device',
      driver: 'libvulkan_lvp.so, libvulkan_radeon.so',
      software: false,
    })
    expect(webgpuDriver('', loaded(['/usr/lib/libvulkan_lvp.so']), 'linux').software).toBe(true)
  })

  it('is never believed to be a GPU where nothing says so', () => {
    expect(webgpuDriver('', loaded([]), 'linux').software).toBe(true)
    expect(webgpuDriver('', loaded([]), 'win32').software).toBe(true)
  })

  it('is on Windows the GPU in the list of the runtime', () => {
    const log =
      'Discovered OrtHardwareDevice {vendor_id:0x8086, device_id:0x1, vendor:Intel, type:0, metadata: [Description=CPU]}\n' +
      'Discovered OrtHardwareDevice {vendor_id:0x10de, device_id:0x2, vendor:NVIDIA, type:1, metadata: [Description=NVIDIA RTX 4000, x=1]}'
    expect(webgpuDriver(log, loaded([]), 'win32')).toEqual({
      name: 'NVIDIA RTX 4000',
      driver: 'Direct3D 12',
      software: false,
    })
  })
})

it('reads the memory that nvidia-smi lists', () => {
  expect(parseNvidiaList('NVIDIA H100 80GB HBM3, 81559, 550.54.15\n')).toEqual([
    { name: 'NVIDIA H100 80GB HBM3', memory: 81559 * 2 ** 20, driverVersion: '550.54.15' },
  ])
  expect(parseNvidiaList('NVIDIA-SMI has failed\n')).toEqual([])
})
