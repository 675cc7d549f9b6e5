import { type Data, type FixedSizeList, Float32, makeData } from 'apache-arrow'
import { vectorType } from './embeddings-schema.js'

/** [rows, size] float32 as a column. A view. */
export function vectorData(values: Float32Array, size: number): Data<FixedSizeList<Float32>> {
  const child = makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values })
  return makeData({ type: vectorType(size), length: values.length / size, nullCount: 0, child })
}
