import { describe, expect, it } from 'vitest'
import { InputError } from '../../../src/errors/index.js'
import { mobilefacenet } from '../../../src/network/index.js'
import type { Tensor } from '../../../src/safetensors/index.js'
import { readBackboneState } from '../../../src/training/weights/backbone-state.js'
import { named, weightsOf } from './named.js'

const backbone = mobilefacenet({ blocks: [1, 0, 0, 0], scale: 1, embeddingSize: 16, imageSize: 32 })
const FIRST = 'layers.0.layers.0.weight'
const LAST = 'features.layers.3.bias'

/** The state that is read, or the message of the error. */
async function read(change: (tensors: Map<string, Tensor>) => void): Promise<Map<string, unknown> | string> {
  const tensors = weightsOf(backbone)
  change(tensors)
  return readBackboneState(named(tensors), backbone).catch((error: unknown) => {
    expect(error).toBeInstanceOf(InputError)
    return (error as InputError).message
  })
}

describe('readBackboneState', () => {
  it('takes every tensor under its name, counters of batches too', async () => {
    const tensors = weightsOf(backbone)
    const state = await readBackboneState(named(tensors), backbone)
    expect([...state.keys()]).toEqual([...tensors.keys()].map((name) => `backbone.${name}`))
    expect(state.get(`backbone.${FIRST}`)!.data).toEqual(tensors.get(FIRST)!.data)
    expect(state.get('backbone.layers.0.layers.1.num_batches_tracked')).toEqual({
      shape: [],
      data: Float32Array.of(7),
    })
  })

  it('makes float32 of other floats', async () => {
    const shape = [16]
    const ones = { F16: 0x3c00, BF16: 0x3f80 } as const
    for (const dtype of ['F16', 'BF16'] as const) {
      const data = new Uint16Array(16).fill(ones[dtype])
      const state = await read((tensors) => tensors.set(LAST, { dtype, shape, data }))
      expect(state).toBeInstanceOf(Map)
      expect((state as Map<string, unknown>).get(`backbone.${LAST}`)).toEqual({
        shape,
        data: new Float32Array(16).fill(1),
      })
    }
    const doubles = new Float64Array(16).fill(0.1)
    const state = await read((tensors) => tensors.set(LAST, { dtype: 'F64', shape, data: doubles }))
    expect((state as Map<string, unknown>).get(`backbone.${LAST}`)).toEqual({
      shape,
      data: new Float32Array(16).fill(0.1),
    })
  })

  it('names the first tensor that does not fit', async () => {
    expect(await read((tensors) => tensors.delete(LAST))).toBe(
      `model.pt: tensor '${LAST}' of mbf is missing: expected [16]`,
    )
    expect(await read((tensors) => tensors.set('fc.bias', tensors.get(LAST)!))).toBe(
      "model.pt: tensor 'fc.bias' is none of mbf",
    )
    const wide: Tensor = { dtype: 'F32', shape: [64, 3, 5, 5], data: new Float32Array(64 * 75) }
    expect(await read((tensors) => tensors.set(FIRST, wide))).toBe(
      `model.pt: tensor '${FIRST}' of mbf has another shape: expected [64, 3, 3, 3], found [64, 3, 5, 5]`,
    )
  })

  it('refuses integers and what is no number', async () => {
    const integers: Tensor = { dtype: 'I32', shape: [16], data: new Int32Array(16) }
    expect(await read((tensors) => tensors.set(LAST, integers))).toBe(
      `model.pt: tensor '${LAST}' has another type: expected F32, F64, F16 or BF16, found I32`,
    )
    const odd: Tensor = { dtype: 'F32', shape: [16], data: new Float32Array(16) }
    odd.data[3] = Number.NaN
    expect(await read((tensors) => tensors.set(LAST, odd))).toBe(
      `model.pt: tensor '${LAST}' holds no number at element 3: found NaN`,
    )
  })
})
