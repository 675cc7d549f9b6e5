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
import { datasetOverview } from '../people/overview.js'
import { person, personRow } from '../people/person.js'
import { photoFile, thumbnailFile } from '../people/photo-file.js'
import { photoPage } from '../people/photo-rows.js'
import { type Answer, jsonAnswer } from './answer.js'
import { type Browsed, datasetAt, labelIn, NotThere, reviewAt, rowIn } from './browsed.js'
import { imageAnswer, stripAnswer } from './image-answers.js'
import { type AskedFor, parsed, type RoutedRequest } from './request.js'
import { jsonBody } from './request-body.js'

const MOST_ROWS = 500

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
const answerBody = z.strictObject({ answer: z.string().nullable() })

interface Route {
  method: 'GET' | 'POST'
  /** Groups are numbers. */
  path: RegExp
  answer(browsed: Browsed, request: RoutedRequest): Promise<Answer>
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
    answer: (browsed, request) => imageAnswer(browsed, request, photoFile),
  },
  {
    method: 'GET',
    path: /^\/thumbnails\/(\d+)\/(\d+)$/,
    answer: (browsed, request) => imageAnswer(browsed, request, thumbnailFile),
  },
  {
    method: 'GET',
    path: /^\/strips\/(\d+)$/,
    answer: stripAnswer,
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

function failure(status: number, error: string): Answer {
  return jsonAnswer({ error }, status)
}
