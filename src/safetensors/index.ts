export type { TensorEntry } from './header.js'
export { SafetensorsFile } from './reader.js'
export type { Dtype, Tensor, TensorData } from './tensor.js'
export { writeSafetensors } from './writer.js'
