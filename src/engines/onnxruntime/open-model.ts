import { FacedataError, InputError, UsageError } from '../../errors/index.js'
import { readWholeFile } from '../../io/index.js'
import { type ModelSignature, readSignature, type ValueInfo } from '../../onnx/index.js'
import type { EmbedderOptions, OpenedEmbedder } from '../embedder.js'
import { WorkerCalls } from '../worker-calls.js'
import type { ImageInput } from './embedding-run.js'
import { chooseProvider } from './provider-choice.js'
import { LARGEST_MODEL } from './runtime.js'

const ENTRY = new URL('../../../dist/engines/onnxruntime/embedder-worker.js', import.meta.url)

const DEFAULT_SIZE = 112
/** Images a run. On processors what a layer gives to the next then stays in the cache: 1.1 times as fast as 32 for mbf. */
const DEFAULT_BATCH = { cpu: 8, device: 32 }

/**
 * Opens a face embedder: one float32 image input [batch, 3, height, width], embeddings as its first output of two
 * axes. What the options leave open comes from the metadata that `exportModel` writes, else it is RGB, 127.5, 127.5.
 * @throws InputError for a file that is no such model
 */
export async function openModel(path: string, options: EmbedderOptions = {}): Promise<OpenedEmbedder> {
  const signature = readSignature(await readWholeFile(path, LARGEST_MODEL), path)
  const taken = imageInput(signature, options, path)
  const outputName = embeddingOutput(signature, path)
  const { provider, adapter } = await chooseProvider(options.provider ?? 'auto')
  const batchSize = taken.batchSize ?? DEFAULT_BATCH[provider === 'cpu' ? 'cpu' : 'device']
  const input: ImageInput = { ...taken, batchSize }
  const worker = new WorkerCalls(ENTRY)
  const embed = (images: Uint8Array): Promise<Float32Array> => {
    const copy = new Uint8Array(images)
    return worker.call('embed', [input, outputName, copy], [copy.buffer])
  }
  const imageLength = 3 * input.height * input.width
  try {
    await worker.call('create', [path, { provider, threads: options.threads }])
    // One image tells the size of the embedding whatever the file says, and that the model runs at all.
    const embeddingSize = (await embed(new Uint8Array(imageLength))).length
    return {
      inputSize: { height: input.height, width: input.width },
      input: { color: input.color, mean: input.mean, std: input.std },
      embeddingSize,
      provider,
      device: adapter?.name,
      async embed(images, count) {
        if (images.length !== count * imageLength) {
          throw new UsageError(
            `embed: ${count} images have ${count * imageLength} bytes, not ${images.length}`,
          )
        }
        return embed(images)
      },
      close: () => worker.close(),
    }
  } catch (error) {
    await worker.close()
    if (!(error instanceof FacedataError)) throw error
    throw new InputError({ file: path, problem: error.message }, { cause: error })
  }
}

function imageInput(
  { inputs, metadata }: ModelSignature,
  options: EmbedderOptions,
  path: string,
): Omit<ImageInput, 'batchSize'> & { batchSize: number | undefined } {
  const [input] = inputs
  if (
    inputs.length !== 1 ||
    input?.elementType !== 'float32' ||
    input.shape.length !== 4 ||
    input.shape[1] !== 3
  ) {
    throw new InputError({
      file: path,
      problem: 'is no face embedder that facedata can run',
      expected: 'one input float32 [batch, 3, height, width]',
      actual: inputs.map(describe).join(', ') || 'none',
    })
  }
  const [batch, , height, width] = input.shape
  const fixed = typeof batch === 'number' && batch > 0
  const size = (dimension: unknown): number =>
    typeof dimension === 'number' && dimension > 0 ? dimension : DEFAULT_SIZE
  return {
    name: input.name,
    height: size(height),
    width: size(width),
    color: options.color ?? (metadata.get('color') === 'bgr' ? 'bgr' : 'rgb'),
    mean: options.mean ?? numberOf(metadata, 'mean', path) ?? 127.5,
    std: options.std ?? numberOf(metadata, 'std', path) ?? 127.5,
    batchSize: fixed ? batch : options.batchSize,
    fixed,
  }
}

function numberOf(metadata: ReadonlyMap<string, string>, key: string, path: string): number | undefined {
  const text = metadata.get(key)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || text.trim() === '') {
    throw new InputError({ file: path, problem: `has no number as ${key} in its metadata`, actual: text })
  }
  return value
}

function embeddingOutput({ outputs }: ModelSignature, path: string): string {
  const output = outputs.find(({ shape }) => shape.length === 2) ?? outputs[0]
  if (output === undefined) throw new InputError({ file: path, problem: 'is an ONNX model without outputs' })
  return output.name
}

function describe({ name, elementType, shape }: ValueInfo): string {
  return `${name} ${elementType ?? 'of another type'} [${shape.join(', ')}]`
}
