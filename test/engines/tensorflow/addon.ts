import { openTensorFlow, type TensorFlow } from '../../../src/engines/tensorflow/addon/open-tensorflow.js'

/** TensorFlow in this thread; undefined where it is not installed, and tests of it are skipped. */
export const tensorflow = open()

/** To name in a skipped test's title. */
export const NEEDS_TENSORFLOW = '(needs facedata engine install tensorflow)'

function open(): TensorFlow | undefined {
  try {
    return openTensorFlow()
  } catch {
    return undefined
  }
}
