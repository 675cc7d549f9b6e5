import type { IncomingMessage } from 'node:http'
import pLimit from 'p-limit'
import { z } from 'zod'
import { TOOL } from '../../dataset/index.js'
import { FacedataError, InputError, UsageError } from '../../errors/index.js'
import {
  type AnswerResponse,
  type Overview,
  type PeoplePage,
  photoSortNames,
  reviewAnswers,
  sortNames,
} from '../api.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'
import { datasetOverview } from '../people/overview.js'
import { person, personRow } from '../people/person.js'
import { type PhotoFile, photoFile, thumbnailFile } from '../people/photo-file.js'
import { photoPage } from '../people/photo-rows.js'
import { stripOf } from '../people/strip.js'
import type { Review } from '../review/review.js'
import { type Answer, jsonAnswer } from './answer.js'
import { type Assets, PLACEHOLDER } from './assets.js'
import { jsonBody } from './request-body.js'

/** What the pages are about. */
export interface Browsed {
  datasets: readonly BrowsedDataset[]
  reviews: readonly { name: string; review: Review }[]
  assets: Assets
}

/** Images that are made smaller at once. */
const IMAGES_AT_ONCE = 4

const imageLimit = pLimit(IMAGES_AT_ONCE)

const MOST_ROWS = 500

/** Of a strip: images, and pixels of the side of each. */
const MOST_CELLS = 100
const MOST_SIDE = 256

const windowQuery = {
  from: z.coerce.number().int().min(0).default(0),
  count: z.coerce.number().int().min(1).max(MOST_ROWS).default(MOST_ROWS),
}
const peopleQuery = z.object({
  search: z.string().max(1000).default(''),
  sort: z.enum(sortNames).default('label'),
  ...windowQuery,
})
const photosQuery = z.object({ sort: z.enum(photoSortNames).default('file'), ...windowQuery })
const stripQuery = z.object({
  /** Positions of images; -1 leaves a cell empty. */
  at: z.string().regex(/^(-1|\d+)(,(-1|\d+))*$/),
  side: z.coerce.number().int().min(16).max(MOST_SIDE),
})
const answerBody = z.strictObject({ answer: z.string().nullable() })

/** A request that was let in. */
export interface AskedFor {
  /** Within the place of this server. */
  path: string
  query: URLSearchParams
  message: IncomingMessage
}

interface Request extends AskedFor {
  /** Those in the path. */
  numbers: number[]
}

interface Route {
  method: 'GET' | 'POST'
  /** Groups are numbers. */
  path: RegExp
  answer(browsed: Browsed, request: Request): Promise<Answer>
}

const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/api\/overview$/,
    async answer({ datasets, reviews }) {
      const overview: Overview = {
        tool: TOOL,
        datasets: datasets.map(datasetOverview),
        reviews: reviews.map(({ name, review }) => review.overview(name)),
      }
      return jsonAnswer(overview)
    },
  },
  {
    method: 'GET',
    path: /^\/api\/datasets\/(\d+)\/people$/,
    async answer(browsed, { numbers: [number], query }) {
      const dataset = datasetAt(browsed, number!)
      const { search, sort, from, count } = parsed(peopleQuery, Object.fromEntries(query))
      const order = await dataset.order.find(search, sort)
      const values = await dataset.valuesOf(sort)
      const page: PeoplePage = {
        total: order.length,
        rows: Array.from(order.subarray(from, from + count), (label) =>
          personRow(dataset, label, values?.[label]),
        ),
      }
      return jsonAnswer(page)
    },
  },
  {
    method: 'GET',
    path: /^\/api\/datasets\/(\d+)\/people\/(\d+)$/,
    async answer(browsed, { numbers: [number, label] }) {
      const dataset = datasetAt(browsed, number!)
      return jsonAnswer(person(dataset, labelIn(dataset, label!)))
    },
  },
  {
    method: 'GET',
    path: /^\/api\/datasets\/(\d+)\/people\/(\d+)\/photos$/,
    async answer(browsed, { numbers: [number, label], query }) {
      const dataset = datasetAt(browsed, number!)
      return jsonAnswer(
        await photoPage(dataset, labelIn(dataset, label!), parsed(photosQuery, Object.fromEntries(query))),
      )
    },
  },
  {
    method: 'GET',
    path: /^\/photos\/(\d+)\/(\d+)$/,
    answer: (browsed, { numbers }) => imageAnswer(browsed, numbers, photoFile),
  },
  {
    method: 'GET',
    path: /^\/thumbnails\/(\d+)\/(\d+)$/,
    answer: (browsed, { numbers }) => imageAnswer(browsed, numbers, thumbnailFile),
  },
  {
    method: 'GET',
    path: /^\/strips\/(\d+)$/,
    async answer(browsed, { numbers: [number], query, message }) {
      const dataset = datasetAt(browsed, number!)
      const { at, side } = parsed(stripQuery, Object.fromEntries(query))
      const positions = at.split(',').map(Number)
      if (positions.length > MOST_CELLS) throw new UsageError(`at most ${MOST_CELLS} images in a strip`)
      for (const position of positions) imageIn(dataset, position)
      const { type, bytes } = await imageLimit(() => stripOf(filesOf(dataset, positions, message), side))
      return { status: 200, type, body: bytes }
    },
  },
  {
    method: 'GET',
    path: /^\/api\/reviews\/(\d+)\/(\d+)$/,
    async answer(browsed, { numbers: [number, row] }) {
      const review = reviewAt(browsed, number!)
      return jsonAnswer(await review.item(rowIn(review, row!)))
    },
  },
  {
    method: 'POST',
    path: /^\/api\/reviews\/(\d+)\/(\d+)$/,
    async answer(browsed, { numbers: [number, at], message }) {
      const review = reviewAt(browsed, number!)
      const row = rowIn(review, at!)
      const { answer } = parsed(answerBody, await jsonBody(message))
      const allowed: readonly string[] = reviewAnswers[review.table.kind]
      if (answer !== null && !allowed.includes(answer)) {
        throw new UsageError(`there is no answer "${answer}". Answers: ${allowed.join(', ')}`)
      }
      await review.answers.set(row, answer ?? undefined)
      const response: AnswerResponse = { progress: review.progress(), next: review.next(row) }
      return jsonAnswer(response)
    },
  },
]

/** Answers a request. What goes wrong is told in words. @throws what is an error of this program */
export async function answerRequest(browsed: Browsed, asked: AskedFor): Promise<Answer> {
  const { path, message } = asked
  const method = message.method === 'HEAD' ? 'GET' : message.method
  const asset = method === 'GET' ? browsed.assets.get(path) : undefined
  if (asset !== undefined) return asset
  const found = routes.filter((route) => route.path.test(path))
  const route = found.find((one) => one.method === method)
  if (route === undefined) {
    return found.length === 0 ? failure(404, 'there is nothing here') : failure(405, `not by ${method}`)
  }
  const numbers = route.path.exec(path)!.slice(1).map(Number)
  try {
    return await route.answer(browsed, { ...asked, numbers })
  } catch (error) {
    if (error instanceof NotThere) return failure(404, error.message)
    if (error instanceof UsageError) return failure(400, error.message)
    if (error instanceof InputError) return failure(422, error.message)
    if (error instanceof FacedataError) return failure(500, error.message)
    throw error
  }
}

/** A dataset, person, image or case of that number is none. */
class NotThere extends UsageError {}

function failure(status: number, error: string): Answer {
  return jsonAnswer({ error }, status)
}

async function imageAnswer(
  browsed: Browsed,
  [number, position]: number[],
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

function datasetAt({ datasets }: Browsed, number: number): BrowsedDataset {
  const dataset = datasets[number]
  if (dataset === undefined) throw new NotThere(`there is no dataset ${number}`)
  return dataset
}

function reviewAt({ reviews }: Browsed, number: number): Review {
  const found = reviews[number]
  if (found === undefined) throw new NotThere(`there is no review ${number}`)
  return found.review
}

function imageIn({ table }: BrowsedDataset, position: number): void {
  if (position >= table.count) throw new NotThere(`there is no image ${position}`)
}

function labelIn({ people, dataset }: BrowsedDataset, label: number): number {
  if (label < people.count) return label
  throw new NotThere(`${dataset.name} has no label ${label}: its labels are 0 to ${people.count - 1}`)
}

function rowIn(review: Review, row: number): number {
  if (row < review.length) return row
  throw new NotThere(`the review has no case ${row + 1}: it has ${review.length}`)
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new UsageError(`${issue.path.join('.') || 'the request'}: ${issue.message}`)
}
