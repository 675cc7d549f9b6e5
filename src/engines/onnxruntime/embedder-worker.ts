import type { InferenceSession } from 'onnxruntime-node'
import { answerCalls } from '../worker-calls.js'
import { type ImageInput, runEmbedding } from './embedding-run.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'

let session: InferenceSession | undefined

answerCalls({
  create: async (path: string, options: RuntimeOptions) => {
    session = await createRuntimeSession(path, options)
  },
  embed: (input: ImageInput, outputName: string, images: Uint8Array) => {
    if (session === undefined) throw new Error('the model was not opened')
    return runEmbedding(session, input, outputName, images)
  },
  close: () => session?.release(),
})
