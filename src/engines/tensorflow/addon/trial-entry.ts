import { ELEMENT_TYPES } from './binding.js'
import { openTensorFlow } from './open-tensorflow.js'

/** Loads the addon that it is called with, squares a matrix of bytes, and prints what it found as JSON. */
const { binding, version, gpu } = openTensorFlow([{ source: 'installed engine', path: process.argv[2]! }])
const { uint8, float32 } = ELEMENT_TYPES
const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value })
const bytes = binding.createTensor([2, 2], uint8, Uint8Array.of(1, 2, 3, 4))
const [matrix] = binding.executeOp('Cast', [type('SrcT', uint8), type('DstT', float32)], [bytes], 1)
const [square] = binding.executeOp('MatMul', [type('T', float32)], [matrix!.id, matrix!.id], 1)
process.stdout.write(JSON.stringify({ version, gpu, square: [...binding.tensorDataSync(square!.id)] }))
