/** Element types of a tensor, by TensorFlow's numbers. */
export const ELEMENT_TYPES = { float32: 1, int32: 3, uint8: 4 } as const

export type TensorData = Float32Array | Int32Array | Uint8Array

/** A tensor that the addon holds until it is deleted. */
export interface HeldTensor {
  id: number
  shape: number[]
  /** TensorFlow's number of the element type. */
  dtype: number
}

export interface OperatorAttribute {
  name: string
  /** TensorFlow's number of the attribute's type: `TF_ATTR_TYPE` and the like. */
  type: number
  value: boolean | number | string | number[]
}

/**
 * The native half of tfjs-node 4.22, as tfjs-node's own JavaScript sees it. Its JavaScript half is not used: it refuses
 * uint8, and Node.js 23 took functions from it. Every call blocks its thread; each thread that loads the addon has
 * tensors and models of its own.
 */
export interface TensorFlowBinding {
  readonly TF_Version: string
  readonly TF_ATTR_TYPE: number
  /** Whether TensorFlow made a device for a GPU in this process. */
  isUsingGpuDevice(): boolean
  /** Takes the array's memory: it must not change while the tensor lives. */
  createTensor(shape: readonly number[], dtype: number, data: TensorData): number
  deleteTensor(id: number): void
  /** A copy. */
  tensorDataSync(id: number): TensorData
  executeOp(
    name: string,
    attributes: readonly OperatorAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): HeldTensor[]
  /** @param tags joined by commas */
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(id: number): void
  /**
   * The operators that it names, as `name:output` joined by commas; one output or more.
   */
  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): HeldTensor[]
  getNumOfTensors(): number
}
