import { findBlockSize } from '../../../src/engines/onnxruntime/blocked/block-size.js'

/** Channels of a block here; undefined where the blocked layout is not known. */
export const block = await findBlockSize()

/** Every lowering of this machine by name, with its blocks. */
export const lowerings: readonly [name: string, block: number | undefined][] =
  block === undefined
    ? [['portable', undefined]]
    : [
        ['portable', undefined],
        ['blocked', block],
      ]
