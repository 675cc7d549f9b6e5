import { type InferenceSession, Tensor } from 'onnxruntime-node'

/** How a model takes images: RGB bytes become (value - mean) / std in its own channel order. */
export interface ImageInput {
  name: string
  height: number
  width: number
  color: 'rgb' | 'bgr'
  mean: number
  std: number
  /** Images a run; a model with a `fixed` batch is given padding in its last one. */
  batchSize: number
  fixed: boolean
}

/** The images through the model in batches: RGB NCHW bytes to [count, size]. Blocks the thread while it runs. */
export async function runEmbedding(
  session: InferenceSession,
  input: ImageInput,
  outputName: string,
  images: Uint8Array,
): Promise<Float32Array> {
  const imageLength = 3 * input.height * input.width
  const count = images.length / imageLength
  let embeddings: Float32Array | undefined
  for (let first = 0; first < count; first += input.batchSize) {
    const size = Math.min(input.batchSize, count - first)
    const batch = images.subarray(first * imageLength, (first + size) * imageLength)
    const rows = input.fixed ? input.batchSize : size
    const data = new Tensor('float32', normalize(batch, input, rows), [rows, 3, input.height, input.width])
    const output = (await session.run({ [input.name]: data }, [outputName]))[outputName]!
    const values = output.data as Float32Array
    const embeddingSize = values.length / rows
    embeddings ??= new Float32Array(count * embeddingSize)
    embeddings.set(values.subarray(0, size * embeddingSize), first * embeddingSize)
    output.dispose()
  }
  return embeddings ?? new Float32Array(0)
}

function normalize(
  images: Uint8Array,
  { height, width, color, mean, std }: ImageInput,
  rows: number,
): Float32Array {
  const plane = height * width
  const values = new Float32Array(rows * 3 * plane)
  const reversed = color === 'bgr'
  for (let start = 0; start < images.length; start += plane) {
    const channel = (start / plane) % 3
    const target = reversed ? start + (2 - 2 * channel) * plane : start
    for (let i = 0; i < plane; i++) values[target + i] = (images[start + i]! - mean) / std
  }
  return values
}
