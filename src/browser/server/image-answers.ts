import type { IncomingMessage } from 'node:http'
import pLimit from 'p-limit'
import { z } from 'zod'
import { InputError, UsageError } from '../../errors/index.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'
import type { PhotoFile } from '../people/photo-file.js'
import { stripOf } from '../people/strip.js'
import type { Answer } from './answer.js'
import { PLACEHOLDER } from './assets.js'
import { type Browsed, datasetAt, imageIn } from './browsed.js'
import { parsed, type RoutedRequest } from './request.js'

/** Answers whose images are decoded at once. */
const IMAGES_AT_ONCE = 4

const imageLimit = pLimit(IMAGES_AT_ONCE)

/** Of a strip: images, and pixels of the side of each. */
const MOST_CELLS = 100
const MOST_SIDE = 256

const stripQuery = z.object({
  /** Positions of images; -1 leaves a cell empty. */
  at: z.string().regex(/^(-1|\d+)(,(-1|\d+))*$/),
  side: z.coerce.number().int().min(16).max(MOST_SIDE),
})

/** One image, or a placeholder for one that cannot be read. @throws NotThere */
export async function imageAnswer(
  browsed: Browsed,
  { numbers: [number, position] }: RoutedRequest,
  fileOf: (bytes: Uint8Array) => Promise<PhotoFile>,
): Promise<Answer> {
  const dataset = datasetAt(browsed, number!)
  imageIn(dataset, position!)
  try {
    const { type, bytes } = await imageLimit(async () => fileOf(await dataset.bytes(position!)))
    return { status: 200, type, body: bytes }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    // A browser shows the picture of an answer whatever its status; the reason stands with the photo's other fields.
    return { ...browsed.assets.get(PLACEHOLDER)!, status: 422 }
  }
}

/** Images side by side in one. @throws UsageError for a request that is none, NotThere */
export async function stripAnswer(
  browsed: Browsed,
  { numbers: [number], query, message }: RoutedRequest,
): Promise<Answer> {
  const dataset = datasetAt(browsed, number!)
  const { at, side } = parsed(stripQuery, Object.fromEntries(query))
  const positions = at.split(',').map(Number)
  if (positions.length > MOST_CELLS) throw new UsageError(`at most ${MOST_CELLS} images in a strip`)
  for (const position of positions) imageIn(dataset, position)
  const { type, bytes } = await imageLimit(() => stripOf(filesOf(dataset, positions, message), side))
  return { status: 200, type, body: bytes }
}

/** The files of images one after another; of one that cannot be read, why. Ends where nobody waits for them any more. */
async function* filesOf(
  dataset: BrowsedDataset,
  positions: readonly number[],
  { socket }: IncomingMessage,
): AsyncGenerator<Uint8Array | InputError | undefined> {
  for (const position of positions) {
    if (socket.destroyed) throw new UsageError('the browser has scrolled on')
    yield position < 0
      ? undefined
      : await dataset.bytes(position).catch((error: unknown) => {
          if (error instanceof InputError) return error
          throw error
        })
  }
}
