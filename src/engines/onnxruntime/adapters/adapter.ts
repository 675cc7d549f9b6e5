/** A device that a provider of the runtime computes on. */
export interface Adapter {
  provider: 'webgpu' | 'cuda'
  /** As its driver says, such as `NVIDIA GeForce RTX 4090`; the kind of device where nothing says. */
  name: string
  /** Library or interface that drives it, such as `libGLX_nvidia.so.0` or `Metal`, with its version where known. */
  driver: string
  /** Bytes of its memory, where the system tells. */
  memory: number | undefined
  /** It computes in float16: WebGPU's `shader-f16`. */
  float16: boolean
  /** No device but a program on the processor, such as SwiftShader: right, slow, for tests. */
  software: boolean
}

/** What a provider computes on here, or why on nothing. */
export type AdapterAnswer = { adapter: Adapter } | { adapter?: undefined; problem: string }
