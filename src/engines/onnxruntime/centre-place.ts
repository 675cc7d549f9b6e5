import { elementCount, OPTIMIZER_SLOTS } from '../../network/index.js'
import { stateLayout, tableNames } from '../state-layout.js'
import type { CentrePlace, TrainingOptions } from '../training-session.js'
import type { Adapter } from './adapters/adapter.js'

/** Most bytes of one buffer that every WebGPU device takes, and what current GPUs take. */
const SURE_BUFFER = 2 ** 27
const LARGEST_BUFFER = 2 ** 31 - 4

/** Part of the device's memory for class centres: the rest is for activations. */
const SHARE_OF_MEMORY = 1 / 2

/**
 * On a WebGPU device while they fit: each table in one buffer, and all of them twice, since a step makes new ones of
 * the old, in half of the device's memory; where that is not known, what every device has. Accumulated gradients keep
 * them in host memory.
 */
export function centrePlace(options: TrainingOptions, adapter: Adapter | undefined): CentrePlace | undefined {
  const names = tableNames(options)
  if (names.length === 0) return undefined
  const { optimizer, gradientAccumulation = 1 } = options
  const table = stateLayout(options).find(({ name }) => name === names[0])!
  const tableBytes = elementCount(table.parameter.shape) * Float32Array.BYTES_PER_ELEMENT
  const bytes = tableBytes * (1 + OPTIMIZER_SLOTS[optimizer.name].length)
  const fits =
    adapter?.memory === undefined
      ? tableBytes <= SURE_BUFFER
      : tableBytes <= LARGEST_BUFFER && 2 * bytes <= SHARE_OF_MEMORY * adapter.memory
  return { onDevice: adapter?.provider === 'webgpu' && gradientAccumulation === 1 && fits, bytes }
}
