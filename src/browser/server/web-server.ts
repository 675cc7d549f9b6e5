import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OutputError, UsageError } from '../../errors/index.js'
import type { Log } from '../../progress/progress.js'
import { Access } from './access.js'
import { type Answer, jsonAnswer, send } from './answer.js'
import type { Browsed } from './browsed.js'
import { answerRequest } from './routes.js'

/** The only interface that is listened on. */
const HOST = '127.0.0.1'

/**
 * A browser keeps six connections to a host. Anybody on the machine can open more, before a token is asked for: they must
 * not use up the files that this process may have open, nor stay for long without a whole request.
 */
const MOST_CONNECTIONS = 256
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 5000 }

/** A server of pages, to be reached with a token that is drawn at its start. */
export class WebServer {
  /** With the token. */
  readonly url: string
  readonly #server: Server

  private constructor(url: string, server: Server) {
    this.url = url
    this.#server = server
  }

  /** @param port 0 for any that is free @throws UsageError where the port is taken */
  static async start(browsed: Browsed, port: number, log: Log): Promise<WebServer> {
    const token = randomBytes(32).toString('base64url')
    const place = `/${randomBytes(12).toString('base64url')}/`
    let access: Access | undefined
    const server = createServer(PATIENCE, (request, response) => {
      answer(browsed, access!, request, log)
        .then((found) => send(response, found))
        .catch((error: unknown) => {
          log.warn(`no answer to ${request.method} ${request.url?.split('?')[0]}: ${(error as Error).stack}`)
          response.destroy()
        })
    })
    server.maxConnections = MOST_CONNECTIONS
    const address = await listen(server, port)
    access = new Access(token, place, address.port)
    return new WebServer(`http://${HOST}:${address.port}${place}?token=${token}`, server)
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()))
    this.#server.closeAllConnections()
    await closed
  }
}

async function answer(browsed: Browsed, access: Access, request: IncomingMessage, log: Log): Promise<Answer> {
  if (!URL.canParse(request.url ?? '/', 'http://localhost')) return jsonAnswer({ error: 'no such page' }, 400)
  const address = new URL(request.url ?? '/', 'http://localhost')
  const refusal = access.refusal(request, address)
  if (refusal !== undefined) return refusal
  const path = access.within(address)!
  try {
    const found = await answerRequest(browsed, { path, query: address.searchParams, message: request })
    if (!access.opens(request, address)) return found
    return { ...found, headers: { ...found.headers, 'Set-Cookie': access.setCookie } }
  } catch (error) {
    log.warn(`${request.method} ${path}: ${(error as Error).stack}`)
    return jsonAnswer({ error: `unexpected error, please report it: ${(error as Error).message}` }, 500)
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        error.code === 'EADDRINUSE'
          ? new UsageError(`--port ${port} is taken by another program. Choose another one`)
          : new OutputError(`cannot listen on ${HOST}:${port}: ${error.message}`, undefined, {
              cause: error,
            }),
      )
    })
    server.listen(port, HOST, () => done(server.address() as AddressInfo))
  })
}
