import { existsSync } from 'node:fs'
import { type Adapter, findAdapter } from '../../dist/engines/index.js'

/** What a container of NVIDIA's runtime must ask for, so that Vulkan's driver is mounted into it. */
const CAPABILITIES = 'NVIDIA_DRIVER_CAPABILITIES'

/** Where Vulkan's loader looks for drivers on Linux. */
const DRIVER_FOLDERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']

/** The devices that the runtime's providers compute on; what is there, and what is missing, goes to `say`. */
export async function probeDevices(
  providers: readonly Adapter['provider'][],
  say: (line: string) => void,
): Promise<Adapter[]> {
  const found: Adapter[] = []
  for (const provider of providers) {
    const { adapter, ...answer } = await findAdapter(provider)
    if (adapter === undefined) {
      say(`- ${provider}: ${'problem' in answer ? answer.problem : 'nothing'}`)
      continue
    }
    const memory = adapter.memory === undefined ? '' : `, ${Math.round(adapter.memory / 2 ** 20)} MiB`
    const kind = adapter.software ? ', a program on the processor' : ''
    const precision = adapter.float16 ? 'float16' : 'no float16'
    say(`- ${provider}: ${adapter.name}, ${adapter.driver}${memory}, ${precision}${kind}`)
    found.push(adapter)
  }
  if (process.platform === 'linux' && !found.some(({ provider }) => provider === 'webgpu')) {
    for (const line of vulkanSurroundings()) say(line)
  }
  return found
}

/** What Vulkan needs and this machine shows of it. */
function vulkanSurroundings(): string[] {
  const folders = DRIVER_FOLDERS.filter((folder) => existsSync(folder))
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES']
  return [
    `  - Vulkan's drivers: ${named ?? (folders.join(', ') || `none in ${DRIVER_FOLDERS.join(', ')}`)}`,
    `  - /dev/nvidia0: ${existsSync('/dev/nvidia0') ? 'there' : 'missing'}; /dev/dri: ${existsSync('/dev/dri') ? 'there' : 'missing'}`,
    `  - ${CAPABILITIES}: ${process.env[CAPABILITIES] ?? 'not set'}; a container needs graphics among them, or all`,
  ]
}
