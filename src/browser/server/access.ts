import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Answer } from './answer.js'
import { plainAnswer } from './answer.js'

/**
 * Who may ask what. The server listens on the loopback interface alone, but every web page that the same person has
 * open can send requests there, and so can every user of the machine. So each request must
 * - name this server as its host: a page of another site whose name was pointed at 127.0.0.1 (DNS rebinding) does not;
 * - come from a page of this server, or from no page, by `Origin` and `Sec-Fetch-Site`: cookies go to every port of a
 *   host, so the page of another local server would have ours;
 * - hold the token of this start: in the cookie that the address with the token gave, or in `Authorization`;
 * - be for the place of this start, a folder whose name is drawn too. The cookie goes to that folder alone: a server of
 *   somebody else on another port of this machine does not know its name, and so is never sent the token.
 */
export class Access {
  readonly #token: string
  readonly #hosts: readonly string[]
  readonly #cookie: string
  readonly #place: string

  /** @param place the folder of all addresses, with a slash at both ends */
  constructor(token: string, place: string, port: number) {
    this.#token = token
    this.#place = place
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
    // Of all servers on this host, whatever their ports, a browser keeps the cookies in one place.
    this.#cookie = `facedata-${port}`
  }

  /** Whether it asks for the address that begins it all: that of the first page with the token in it. */
  opens({ method }: IncomingMessage, { pathname, searchParams }: URL): boolean {
    return method === 'GET' && pathname === this.#place && this.holds(searchParams.get('token'))
  }

  /** The address within the place; undefined for one elsewhere. */
  within({ pathname }: URL): string | undefined {
    return pathname.startsWith(this.#place) ? pathname.slice(this.#place.length - 1) : undefined
  }

  /** Why a request is refused; undefined where it is not. */
  refusal(request: IncomingMessage, address: URL): Answer | undefined {
    const opens = this.opens(request, address)
    const { host, origin } = request.headers
    if (host === undefined || !this.#hosts.includes(host.toLowerCase())) {
      return plainAnswer(
        421,
        `This is facedata browse, which answers to ${this.#hosts.join(' and ')} alone.\n`,
      )
    }
    if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return ELSEWHERE
    const site = request.headers['sec-fetch-site']
    const fromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none'
    if (fromElsewhere && !(opens && request.headers['sec-fetch-dest'] === 'document')) return ELSEWHERE
    if (this.within(address) === undefined) return WITHOUT_TOKEN
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (this.holds(bearer)) return undefined
    // A browser names the origin of every request that changes something.
    if (request.method !== 'GET' && request.method !== 'HEAD' && origin === undefined) return ELSEWHERE
    return opens || this.holds(this.#cookieOf(request)) ? undefined : WITHOUT_TOKEN
  }

  /** Whether this is the token. */
  holds(token: string | undefined | null): boolean {
    const [given, own] = [Buffer.from(token ?? ''), Buffer.from(this.#token)]
    return given.length === own.length && timingSafeEqual(given, own)
  }

  /** For the browser that opened the address with the token. */
  get setCookie(): string {
    return `${this.#cookie}=${this.#token}; Path=${this.#place}; HttpOnly; SameSite=Strict`
  }

  #cookieOf({ headers }: IncomingMessage): string | undefined {
    const start = `${this.#cookie}=`
    const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
    return cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length)
  }
}

const ELSEWHERE = plainAnswer(403, 'Refused: this request comes from another site.\n')

const WITHOUT_TOKEN = plainAnswer(
  401,
  'Refused: this request does not hold the token of this start. Open the address that facedata browse printed.\n',
)
