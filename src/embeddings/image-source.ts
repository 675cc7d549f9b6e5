import type { ImageRange } from '../dataset/index.js'

/** An image that is to be embedded. */
export interface SourceImage {
  /** Key of its record; of a folder or a bin its position. */
  key: number
  /** Number of its identity in its source; -1 where that is not known. */
  label: number
  /** Name of the identity, where it has one. */
  identity: string | undefined
  /** Path in its source, with `/`; empty where it is not known. */
  path: string
  /** The image file. Gone when the next batch is asked for. */
  bytes: Uint8Array
  /** xxHash64 of the bytes. */
  xxh64: bigint
}

/** What images come from: a dataset, a folder or a bin. */
export interface ImageSource {
  readonly name: string
  readonly images: number
  /** Labels are below it. */
  readonly identities: number
  /** Names by label. */
  names(): Promise<(string | undefined)[]>
  /**
   * The images in the order of the source, some at a time. @param range of positions; all by default
   * @throws InputError; the reason of the signal
   */
  batches(signal?: AbortSignal, range?: ImageRange): AsyncGenerator<SourceImage[]>
  close(): Promise<void>
}

/** Some images of a source, as one of its own. Closing it leaves the whole open. */
export function partOfSource(source: ImageSource, range: ImageRange): ImageSource {
  return {
    name: source.name,
    images: range.end - range.first,
    identities: source.identities,
    names: () => source.names(),
    batches: (signal) => source.batches(signal, range),
    close: async () => {},
  }
}
