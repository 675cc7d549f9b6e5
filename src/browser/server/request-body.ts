import type { IncomingMessage } from 'node:http'
import { UsageError } from '../../errors/index.js'

/** An answer to a case is some dozen bytes. */
const MOST_BYTES = 4096

/** The JSON that a request carries. @throws UsageError */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim()
  if (type !== 'application/json') throw new UsageError('the content type application/json is expected')
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw new UsageError(`more than ${MOST_BYTES} bytes were sent`)
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch (error) {
    throw new UsageError(`what was sent is not JSON: ${(error as Error).message}`, { cause: error })
  }
}
