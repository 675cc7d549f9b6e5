import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's package chromium keeps SwiftShader, a Vulkan driver in software, and a Vulkan loader of its own. */
const FOLDER = '/usr/lib/chromium'
const DRIVER = join(FOLDER, 'vk_swiftshader_icd.json')

/**
 * Folder of the Vulkan loader that the runtime must find by its name. The system reads `LD_LIBRARY_PATH` when a process
 * starts, so `vitest.config.ts` sets it for the processes of the tests.
 */
export const vulkanLoaderFolder = existsSync(DRIVER) ? FOLDER : undefined

/** What tests need that run on WebGPU in software, or why they are skipped. */
export const swiftshader =
  vulkanLoaderFolder === undefined
    ? { title: "WebGPU in software (skipped: needs SwiftShader, of Debian's package chromium)", skip: true }
    : { title: 'WebGPU in software', skip: false }

/** Makes SwiftShader the Vulkan driver of this process and of what it starts; before the runtime's first use. */
export function useSwiftshader(): void {
  if (vulkanLoaderFolder !== undefined) process.env['VK_DRIVER_FILES'] = DRIVER
}
