import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { UsageError } from '../../errors/index.js'

/** A request that was let in. */
export interface AskedFor {
  /** Within the place of this server. */
  path: string
  query: URLSearchParams
  message: IncomingMessage
}

/** A request that a route was found for. */
export interface RoutedRequest extends AskedFor {
  /** Those in the path. */
  numbers: number[]
}

/** @throws UsageError that names the field */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new UsageError(`${issue.path.join('.') || 'the request'}: ${issue.message}`)
}
