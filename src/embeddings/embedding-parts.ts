import { type Float32, Schema } from 'apache-arrow'
import { ArrowFileReader } from '../arrow/index.js'
import type { ByteSink } from '../io/index.js'
import { embeddingSizeOf, embeddingsFields } from './embeddings-schema.js'
import { EmbeddingsWriter } from './embeddings-writer.js'

/**
 * Joins embeddings files of parts of one source, in order, into the file that one run would have written.
 * @param parts paths, one at least, of one model @throws InputError, OutputError
 */
export async function joinEmbeddings(parts: string[], sink: ByteSink): Promise<void> {
  let writer: EmbeddingsWriter | undefined
  for (const path of parts) {
    let size = 0
    const part = await ArrowFileReader.open(path, (columns) => {
      size = embeddingSizeOf(columns)
      return new Schema(embeddingsFields(size))
    })
    try {
      writer ??= new EmbeddingsWriter(sink, size, Object.fromEntries(part.metadata))
      for (let batch = 0; batch < part.batches; batch++) await appendBatch(writer, part, batch, size)
    } finally {
      await part.close()
    }
  }
  await writer?.finish()
}

async function appendBatch(
  writer: EmbeddingsWriter,
  part: ArrowFileReader,
  index: number,
  size: number,
): Promise<void> {
  const batch = await part.batch(index)
  const column = <T>(name: string) => batch.getChild(name)!.data[0]!.values as T
  const [keys, labels] = [column<Uint32Array>('key'), column<Int32Array>('label')]
  const hashes = column<BigUint64Array>('xxh64')
  const identities = batch.getChild('identity')!
  const paths = batch.getChild('path')!
  const vectors = batch.getChild('embedding')!.data[0]!.children[0]!.values as Float32['TArray']
  for (let row = 0; row < batch.numRows; row++) {
    const image = {
      key: keys[row]!,
      label: labels[row]!,
      identity: (identities.get(row) as string | null) ?? undefined,
      path: paths.get(row) as string,
      xxh64: hashes[row]!,
    }
    writer.append(image, vectors.subarray(row * size, (row + 1) * size))
  }
  await writer.ready()
}
