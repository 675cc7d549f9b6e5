import { Field, FixedSizeList, Float32, Int32, Schema, Uint32, Uint64, Utf8 } from 'apache-arrow'
import type { ArrowColumn } from '../arrow/index.js'

/** The column of vectors: as many float32 in each row as the model gives. */
export const EMBEDDING = 'embedding'

/** The column by which a cache finds vectors. */
export const HASH = 'xxh64'

export function vectorType(size: number): FixedSizeList<Float32> {
  return new FixedSizeList(size, new Field('item', new Float32()))
}

/** What a cache keeps of an image: its hash and its vector. */
export function cachedFields(size: number): Field[] {
  return [new Field(HASH, new Uint64()), new Field(EMBEDDING, vectorType(size))]
}

/** Columns of an embeddings file: one row an image, in the order of its source. */
export function embeddingsFields(size: number): Field[] {
  return [
    new Field('key', new Uint32()),
    new Field('label', new Int32()),
    new Field('identity', new Utf8(), true),
    new Field('path', new Utf8()),
    ...cachedFields(size),
  ]
}

/** Numbers of a vector in a file of these columns; 0 where it has none. */
export function embeddingSizeOf(columns: ArrowColumn[]): number {
  return columns.find(({ name }) => name === EMBEDDING)?.listSize ?? 0
}

/** The fields with what all rows have in common: `origin` of vectors as text. */
export function describedSchema(fields: Field[], metadata: Record<string, string>): Schema {
  return new Schema(fields, new Map(Object.entries(metadata)))
}
