import { type IncomingHttpHeaders, request } from 'node:http'

export interface Asked {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
}

export interface Asking {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Sent as it is, where a client would make another path of it. */
  path: string
}

/** Sends a request with exactly these headers, as no browser would. */
export function ask(url: string, { method = 'GET', headers = {}, body, path }: Asking): Promise<Asked> {
  const { hostname, port } = new URL(url)
  return new Promise((done, fail) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', fail)
      response.on('end', () => {
        const bytes = Buffer.concat(pieces)
        done({ status: response.statusCode!, headers: response.headers, bytes, text: bytes.toString('utf8') })
      })
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

/** The token in the address of a start. */
export function tokenOf(url: string): string {
  return new URL(url).searchParams.get('token')!
}

/** The folder of all addresses of a start, without the slash at its end. */
export function placeOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, '')
}

/** Asks with the token. Paths are those within the place. */
export function asker(url: string) {
  const place = placeOf(url)
  const authorization = { Authorization: `Bearer ${tokenOf(url)}` }
  return {
    get: (path: string) => ask(url, { path: place + path, headers: authorization }),
    json: async <T>(path: string): Promise<T> => {
      const found = await ask(url, { path: place + path, headers: authorization })
      if (found.status !== 200) throw new Error(`${found.status} ${found.text}`)
      return JSON.parse(found.text) as T
    },
    post: (path: string, body: unknown) =>
      ask(url, {
        path: place + path,
        method: 'POST',
        headers: { ...authorization, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}
