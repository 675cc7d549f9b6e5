import { existsSync } from 'node:fs'
import {
  type Adapter,
  type Engine,
  findAdapter,
  findTensorFlow,
  type Provider,
} from '../../dist/engines/index.js'

/** What the bench can be asked to measure: the runtime's providers, and TensorFlow. */
export const COMPUTING = ['webgpu', 'cuda', 'tensorflow'] as const

export type Computing = (typeof COMPUTING)[number]

/** An engine on a device of this machine. */
export interface Device {
  title: Computing
  name: string
  engine: Engine
  provider: Provider
  /** It computes in float16. */
  float16: boolean
  /** No device but the processor: for trials. */
  software: boolean
}

type Say = (line: string) => void

/** What a container of NVIDIA's runtime must ask for, so that Vulkan's driver is mounted into it. */
const CAPABILITIES = 'NVIDIA_DRIVER_CAPABILITIES'

/** Where Vulkan's loader looks for drivers on Linux. */
const DRIVER_FOLDERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']

/** What computes here of what is wanted; what is there, and what is missing, goes to `say`. */
export async function probeDevices(wanted: readonly Computing[], say: Say): Promise<Device[]> {
  const found: Device[] = []
  for (const title of wanted) {
    const device = title === 'tensorflow' ? await probeTensorFlow(say) : await probeProvider(title, say)
    if (device !== undefined) found.push(device)
  }
  const vulkan = wanted.includes('webgpu') && !found.some(({ title }) => title === 'webgpu')
  if (process.platform === 'linux' && vulkan) for (const line of vulkanSurroundings()) say(line)
  return found
}

async function probeProvider(provider: Adapter['provider'], say: Say): Promise<Device | undefined> {
  const { adapter, ...answer } = await findAdapter(provider)
  if (adapter === undefined) {
    say(`- ${provider}: ${'problem' in answer ? answer.problem : 'nothing'}`)
    return undefined
  }
  const { name, float16, software } = adapter
  const memory = adapter.memory === undefined ? '' : `, ${Math.round(adapter.memory / 2 ** 20)} MiB`
  const kind = software ? ', a program on the processor' : ''
  say(`- ${provider}: ${name}, ${adapter.driver}${memory}, ${float16 ? 'float16' : 'no float16'}${kind}`)
  return { title: provider, name, engine: 'onnxruntime', provider, float16, software }
}

async function probeTensorFlow(say: Say): Promise<Device | undefined> {
  const { found, problems } = await findTensorFlow()
  if (found === undefined) {
    const reasons = problems.length > 0 ? problems.join('; ') : 'not installed'
    say(`- tensorflow: ${reasons}: facedata engine install tensorflow --gpu`)
    return undefined
  }
  const name = `TensorFlow ${found.version}${found.cuda === undefined ? '' : ` for CUDA ${found.cuda}`}`
  say(`- tensorflow: ${name} sees ${found.gpu ? 'a GPU' : 'no GPU, and would compute on the processor'}`)
  const provider = found.gpu ? 'cuda' : 'cpu'
  return {
    ...{ title: 'tensorflow', name, engine: 'tensorflow', provider },
    ...{ float16: found.gpu, software: !found.gpu },
  }
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
