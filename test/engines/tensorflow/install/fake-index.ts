import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeWheel {
  fileName: string
  content: Buffer
  /** Instead of the true one. */
  sha256?: string
}

/** How a request for a wheel is answered instead of with the rest of it. */
export type Answer =
  | 'whole'
  | 'half, then the connection breaks'
  | 'half, then nothing'
  | 'from its beginning'

/** A Python package index on this machine, by the JSON or the HTML form of the simple API. */
export class FakeIndex {
  readonly wheels = new Map<string, FakeWheel[]>()
  /** Of the next requests for wheels, in order; then `whole`. */
  readonly answers: Answer[] = []
  /** `Range` headers of requests for wheels; `all` for none. */
  readonly ranges: string[] = []
  form: 'json' | 'html' = 'json'
  url = ''
  readonly #server = createServer((request, response) => this.#answer(request, response))

  static async start(): Promise<FakeIndex> {
    const index = new FakeIndex()
    await new Promise<void>((resolve) => index.#server.listen(0, '127.0.0.1', resolve))
    index.url = `http://127.0.0.1:${(index.#server.address() as AddressInfo).port}/simple`
    return index
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
    const [, kind, name = ''] = /^\/(simple|files)\/([^/]+)/.exec(url!) ?? []
    const listed = this.wheels.get(name)
    const wheel = [...this.wheels.values()].flat().find(({ fileName }) => fileName === name)
    if (kind === 'simple' && listed !== undefined) this.#list(listed, response)
    else if (kind === 'files' && wheel !== undefined) this.#send(wheel, headers.range, response)
    else response.writeHead(404).end()
  }

  #list(wheels: readonly FakeWheel[], response: ServerResponse): void {
    if (this.form === 'html') {
      response.setHeader('content-type', 'text/html')
      const links = wheels.map(
        (wheel) => `<a href="../../files/${wheel.fileName}#sha256=${sha256Of(wheel)}">${wheel.fileName}</a>`,
      )
      response.end(`<!DOCTYPE html><html><body>${links.join('<br>\n')}</body></html>`)
      return
    }
    response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json')
    const files = wheels.map((wheel) => ({
      filename: wheel.fileName,
      url: `../../files/${wheel.fileName}`,
      hashes: { sha256: sha256Of(wheel) },
      size: wheel.content.length,
      yanked: false,
    }))
    response.end(JSON.stringify({ files }))
  }

  #send({ content }: FakeWheel, range: string | undefined, response: ServerResponse): void {
    this.ranges.push(range ?? 'all')
    const answer = this.answers.shift() ?? 'whole'
    const wanted = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    const start = answer === 'from its beginning' ? 0 : wanted
    const rest = content.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length })
    if (answer === 'whole' || answer === 'from its beginning') {
      response.end(rest)
      return
    }
    response.write(rest.subarray(0, Math.floor(rest.length / 2)), () => {
      // The bytes are to arrive before the end does.
      if (answer === 'half, then the connection breaks') setTimeout(() => response.destroy(), 50)
    })
  }
}

function sha256Of({ content, sha256 }: FakeWheel): string {
  return sha256 ?? createHash('sha256').update(content).digest('hex')
}
