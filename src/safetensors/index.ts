export { toFloat32 } from './half-precision.js'
export type { TensorEntry } from './header.js'
export { SafetensorsFile } from './reader.js'
export {
  type Dtype,
  dataFromBytes,
  elementCount,
  elementSize,
  type Tensor,
  type TensorData,
} from './tensor.js'
export { writeSafetensors } from './writer.js'
