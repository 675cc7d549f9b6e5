import { findTensorFlow, type TensorFlowAnswer } from '../engines/index.js'
import { type NvidiaDevice, nvidiaDevices } from '../engines/onnxruntime/adapters/device-memory.js'
import { type Check, ok } from './check.js'

const NAME = 'tensorflow'
const INSTALL = 'facedata engine install tensorflow'

/** Whether the engine tensorflow is there, which is never needed, and whether it makes use of the GPU that is there. */
export async function checkTensorFlow(): Promise<Check> {
  return judgeTensorFlow(await findTensorFlow(), await nvidiaDevices())
}

export function judgeTensorFlow(
  { found, problems }: TensorFlowAnswer,
  devices: readonly NvidiaDevice[],
): Check {
  const onGpu = devices.length === 0 ? '' : ' --gpu'
  const [first] = devices
  const card = first && `${devices.map(({ name }) => name).join(', ')} (driver ${first.driverVersion})`
  if (found === undefined && problems.length > 0) {
    return warn(problems.join('; '), `Build it again: ${INSTALL}${onGpu}`)
  }
  if (found === undefined && card !== undefined) {
    return warn(`not installed, and this machine has ${card}`, `To train on it: ${INSTALL} --gpu`)
  }
  if (found === undefined) return ok(NAME, `not installed; onnxruntime does without (${INSTALL} builds it)`)

  const { version, source, cuda, gpu, warnings } = found
  const aside = problems.length === 0 ? '' : `, in place of what does not load (${problems.join('; ')})`
  const made = `${version} of the ${source}, ${cuda === undefined ? 'for the CPU' : `for CUDA ${cuda}`}${aside}`
  if (gpu) return ok(NAME, `${made}, computes, sees ${card ?? 'a GPU'}`)
  if (cuda === undefined && card !== undefined) {
    return warn(`${made}, computes, and this machine has ${card}`, `To train on it: ${INSTALL} --gpu`)
  }
  if (cuda === undefined) return ok(NAME, `${made}, computes`)
  if (card === undefined) {
    return warn(
      `${made}, computes on the CPU: no NVIDIA driver answers`,
      "Install NVIDIA's driver; nvidia-smi must list the GPU. In a container, start it with the GPU (--gpus all).",
    )
  }
  const reason = warnings.length === 0 ? '' : `: ${warnings.join('; ')}`
  return warn(
    `${made}, computes on the CPU: it does not see ${card}${reason}`,
    source === 'installed engine'
      ? `The driver must be made for CUDA ${cuda} or later, and CUDA_VISIBLE_DEVICES must not hide the GPU.`
      : `It needs CUDA ${cuda} and cuDNN 8 on this machine. With CUDA's libraries beside it: ${INSTALL} --gpu`,
  )
}

function warn(found: string, fix: string): Check {
  return { name: NAME, status: 'warn', found, fix }
}
