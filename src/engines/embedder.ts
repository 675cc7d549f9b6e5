/** Where a graph runs; `auto` is the fastest that works on this machine. */
export type Provider = 'auto' | RuntimeProvider

/** What `auto` comes to. */
export type RuntimeProvider = 'cpu' | 'webgpu' | 'cuda'

/** A face embedder that is ready to run, in a worker thread. */
export interface Embedder {
  /** Pixels. */
  readonly inputSize: { readonly height: number; readonly width: number }
  readonly embeddingSize: number
  /**
   * Embeddings of `count` images, RGB NCHW [count, 3, height, width], any count (the embedder makes its own batches),
   * to [count, embeddingSize]; not normalised to length 1.
   */
  embed(images: Uint8Array, count: number): Promise<Float32Array>
  close(): Promise<void>
}

/** An embedder of a model file, which says how pixels enter it: (value - mean) / std in its own channel order. */
export interface OpenedEmbedder extends Embedder {
  readonly input: { readonly color: 'rgb' | 'bgr'; readonly mean: number; readonly std: number }
  /** What `auto` came to. */
  readonly provider: RuntimeProvider
  /** Name of the device, where it is not the processor. */
  readonly device?: string | undefined
}

export interface EmbedderOptions {
  /** Channel order of the model; from its metadata, else `rgb`. Images are RGB in any case. */
  color?: 'rgb' | 'bgr'
  /** Subtracted from the pixel values, 0 to 255; from the metadata, else 127.5. */
  mean?: number
  /** Divisor after that; from the metadata, else 127.5. */
  std?: number
  provider?: Provider
  threads?: number
  /** Images a run of a model with a free batch dimension; 32 without it. */
  batchSize?: number
}
