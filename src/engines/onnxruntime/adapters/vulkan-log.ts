/** A Vulkan device as the loader names it: the runtime tells nothing of the device that it takes. */
export interface VulkanDevice {
  name: string
  /** Path of the driver's library. */
  library: string
}

const USED = /Using "(.+)" with driver: "(.+)"/g

/** The device that was opened last, from what Vulkan's loader prints with `VK_LOADER_DEBUG=all`. */
export function openedDevice(log: string): VulkanDevice | undefined {
  const [, name, library] = [...log.matchAll(USED)].at(-1) ?? []
  return name === undefined || library === undefined ? undefined : { name, library }
}
