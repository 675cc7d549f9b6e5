import type { IncomingMessage } from 'node:http'
import { UsageError } from '../../errors/index.js'

/** An answer to a case is some dozen bytes. */
const MOST_BYTES = 4096

/** The JSON that a request carries. @throws UsageError */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim()
  if (type !== 'application/json') throw new UsageError('the content type application/json is expected')
  const text = await textOf(request)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`what was sent is not JSON: ${(error as Error).message}`, { cause: error })
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes > MOST_BYTES) break
      pieces.push(piece)
    }
  } catch (error) {
    throw new UsageError('the request ended before all of it had come', { cause: error })
  }
  if (bytes > MOST_BYTES) throw new UsageError(`more than ${MOST_BYTES} bytes were sent`)
  return Buffer.concat(pieces).toString('utf8')
}
