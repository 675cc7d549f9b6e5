import type { InferenceSession } from 'onnxruntime-node'
import { readWholeFile } from '../../io/index.js'
import { replacePrelus } from '../../onnx/index.js'
import { answerCalls } from '../worker-calls.js'
import { findBlockSize } from './blocked/block-size.js'
import { type ImageInput, runEmbedding } from './embedding-run.js'
import { createRuntimeSession, LARGEST_MODEL, type RuntimeOptions } from './runtime.js'

let session: InferenceSession | undefined

answerCalls({
  create: async (path: string, options: RuntimeOptions) => {
    const faster = options.provider === 'cpu' ? await forBlockedLayout(path) : undefined
    session = await createRuntimeSession(faster ?? path, options)
  },
  embed: (input: ImageInput, outputName: string, images: Uint8Array) => {
    if (session === undefined) throw new Error('the model was not opened')
    return runEmbedding(session, input, outputName, images)
  },
  close: () => session?.release(),
})

/** The model in a form that the runtime takes to its blocked layout as a whole, where the processor has one. */
async function forBlockedLayout(path: string): Promise<Uint8Array | undefined> {
  if ((await findBlockSize()) === undefined) return undefined
  const pieces = replacePrelus(await readWholeFile(path, LARGEST_MODEL), path)
  return pieces && Buffer.concat(pieces)
}
