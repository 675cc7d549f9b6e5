import { workingBlock } from '../../../src/engines/onnxruntime/lowering-choice.js'

/** Channels of a block here; undefined where the product itself does not use the blocked layout. */
export const block = await workingBlock()

/** Every lowering of this machine by name, with its blocks. */
export const lowerings: readonly [name: string, block: number | undefined][] =
  block === undefined
    ? [['portable', undefined]]
    : [
        ['portable', undefined],
        ['blocked', block],
      ]
