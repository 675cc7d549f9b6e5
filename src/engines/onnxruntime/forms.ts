import type { RuntimeProvider } from '../embedder.js'

/** Which of two ways the portable lowering goes where what is fast or right on one provider is not on another. */
export interface Forms {
  /**
   * Gradient of a convolution's weight. `correlation`: one convolution whose kernel is the gradient, which has as few
   * results as the weight has values. `taps`: for each value of the kernel a product of matrices, and for grouped
   * convolutions a correlation of each image alone: enough independent results for the threads of a device.
   */
  filterGradient: 'correlation' | 'taps'
  /**
   * Reductions over images and pixels. `once`: one operator. `pixels first`: two, so that the first reads memory in its
   * order and nothing is transposed.
   */
  reduction: 'once' | 'pixels first'
  /**
   * Channels of a dense convolution's input. `four`: zeros fill them to a multiple of four. onnxruntime 1.30 computes
   * a kernel larger than 1x1 wrongly on WebGPU where the number is a multiple of three above three, not of four, and
   * that of the outputs is a multiple of four.
   */
  denseInputs: 'any' | 'four'
  /**
   * The optimizer on parameters of few values, which most are. `one by one`, or `together`: as one vector, which takes
   * as many operators as one parameter.
   */
  smallUpdates: 'one by one' | 'together'
}

export const FORMS: Readonly<Record<RuntimeProvider, Forms>> = {
  cpu: {
    filterGradient: 'correlation',
    reduction: 'once',
    denseInputs: 'any',
    smallUpdates: 'one by one',
  },
  webgpu: {
    filterGradient: 'taps',
    reduction: 'pixels first',
    denseInputs: 'four',
    smallUpdates: 'together',
  },
  cuda: { filterGradient: 'taps', reduction: 'pixels first', denseInputs: 'any', smallUpdates: 'together' },
}
