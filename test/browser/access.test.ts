import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { browse } from '../../src/browser/browse.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { temporaryFolder } from '../temporary-folder.js'
import { ask, placeOf, tokenOf } from './ask.js'

const folder = temporaryFolder()
await publishTiny(folder, 'tiny', { ann: 2, bob: 1 })
const browsing = await browse([join(folder, 'tiny')])
afterAll(() => browsing.close())

const { url } = browsing
const { host, port } = new URL(url)
const token = tokenOf(url)
const cookie = `facedata-${port}=${token}`
const place = placeOf(url)
const overview = '/api/overview'

/** @param path within the place */
function asked(path: string, headers: Record<string, string>, method = 'GET') {
  return ask(url, { path: place + path, headers, method })
}

async function statusOf(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return (await asked(path, headers, method)).status
}

describe('the token', () => {
  it('is asked for everywhere', async () => {
    for (const path of ['/', overview, '/client/style.css', '/photos/0/0', '/thumbnails/0/0', '/nowhere']) {
      expect(await statusOf(path, {}), path).toBe(401)
      expect(await statusOf(path, { Cookie: `facedata-${port}=${token.slice(1)}x` }), path).toBe(401)
      expect(await statusOf(path, { Authorization: 'Bearer wrong' }), path).toBe(401)
    }
    const refused = await asked(overview, {})
    expect(refused.text).toContain('Open the address that facedata browse printed')
  })

  it('is long, and another one at every start', async () => {
    const other = await browse([join(folder, 'tiny')])
    await other.close()
    expect(Buffer.from(token, 'base64url').length).toBe(32)
    expect(tokenOf(other.url)).not.toBe(token)
  })

  it('becomes a cookie that no script and no other site gets', async () => {
    const { pathname, search } = new URL(url)
    const opened = await ask(url, { path: pathname + search })
    expect(opened.status).toBe(200)
    expect(opened.headers['set-cookie']).toEqual([`${cookie}; Path=${place}/; HttpOnly; SameSite=Strict`])
    expect(await statusOf(overview, { Cookie: `theme=dark; ${cookie}` })).toBe(200)
    const plain = await asked('/', { Cookie: cookie })
    expect(plain.headers['set-cookie']).toBeUndefined()
  })

  it('goes to a folder whose name is drawn: other servers of this machine are not sent it', async () => {
    expect(place).toMatch(/^\/[\w-]{16}$/)
    const other = await browse([join(folder, 'tiny')])
    await other.close()
    expect(placeOf(other.url)).not.toBe(place)
    for (const path of ['/', overview, '/client/style.css', place, `${place}x/`, `//${place}/`]) {
      expect((await ask(url, { path, headers: { Cookie: cookie } })).status, path).toBe(401)
      expect((await ask(url, { path: `${path}?token=${token}` })).status, path).toBe(401)
    }
  })

  it('is taken in the address of the first page alone, and in a header', async () => {
    expect(await statusOf(`${overview}?token=${token}`, {})).toBe(401)
    expect(await statusOf('/?token=wrong', {})).toBe(401)
    expect(await statusOf(overview, { Authorization: `Bearer ${token}` })).toBe(200)
  })
})

describe('requests from elsewhere', () => {
  it('are refused by the name of the host, whatever they hold: DNS rebinding', async () => {
    for (const name of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(port) + 1}`,
    ]) {
      expect(await statusOf(overview, { Host: name, Cookie: cookie }), name).toBe(421)
    }
    expect(await statusOf(overview, { Host: `localhost:${port}`, Cookie: cookie })).toBe(200)
  })

  it('are refused by their origin, that of other ports of this machine among them', async () => {
    for (const origin of ['https://evil.example', `http://127.0.0.1:${Number(port) + 1}`, 'null']) {
      expect(await statusOf(overview, { Origin: origin, Cookie: cookie }), origin).toBe(403)
      const bearer = { Origin: origin, Authorization: `Bearer ${token}` }
      expect(await statusOf('/api/reviews/0/0', bearer, 'POST'), origin).toBe(403)
    }
    expect(await statusOf(overview, { Origin: `http://${host}`, Cookie: cookie })).toBe(200)
    for (const site of ['cross-site', 'same-site']) {
      expect(await statusOf('/photos/0/0', { 'Sec-Fetch-Site': site, Cookie: cookie }), site).toBe(403)
    }
    expect(await statusOf(overview, { 'Sec-Fetch-Site': 'same-origin', Cookie: cookie })).toBe(200)
  })

  it('may open the page with the token, as a link in a terminal of the web does, and load nothing else', async () => {
    const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'document' }
    expect(await statusOf(`/?token=${token}`, link)).toBe(200)
    expect(await statusOf(`/?token=${token}`, { ...link, 'Sec-Fetch-Dest': 'iframe' })).toBe(403)
    expect(await statusOf('/', { ...link, Cookie: cookie })).toBe(403)
  })

  it('change nothing where they do not name an origin, unless they hold the token themselves', async () => {
    expect(await statusOf('/api/reviews/0/0', { Cookie: cookie }, 'POST')).toBe(403)
    expect(await statusOf('/api/reviews/0/0', { Authorization: `Bearer ${token}` }, 'POST')).toBe(404)
  })

  it.each(
    Object.values(networkInterfaces())
      .flatMap((found) => found ?? [])
      .filter(({ internal }) => !internal),
  )('do not reach it over $address', async ({ address, family }) => {
    const name = family === 'IPv6' ? `[${address}]` : address
    await expect(ask(`http://${name}:${port}/`, { path: '/' })).rejects.toThrow()
  })
})

describe('paths', () => {
  const headers = { Authorization: `Bearer ${token}` }

  it('never lead to files of the machine', async () => {
    for (const path of [
      '/client/../../../package.json',
      '/client/..%2f..%2f..%2fpackage.json',
      '/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
      '/client/%2e%2e/%2e%2e/browse.js',
      '//etc/passwd',
      '/client/main.ts',
      '/photos/0/../../etc/passwd',
      '/photos/0/0/train.rec',
      '/photos/-1/0',
      '/photos/0/1e1',
    ]) {
      const { status, text } = await asked(path, headers)
      // A path that leads out of the place does not even hold the token.
      expect([401, 404], path).toContain(status)
      expect(text).not.toContain('root:')
    }
    expect((await ask(url, { path: 'http://', headers })).status).toBe(400)
  })

  it('of what is not there are told in words', async () => {
    for (const [path, words] of [
      ['/api/datasets/7/people', 'there is no dataset 7'],
      ['/api/datasets/0/people/2', 'has no label 2: its labels are 0 to 1'],
      ['/photos/0/3', 'there is no image 3'],
      ['/api/reviews/0/0', 'there is no review 0'],
    ] as const) {
      const { status, text } = await asked(path, headers)
      expect([status, JSON.parse(text).error], path).toEqual([404, expect.stringContaining(words)])
    }
    expect(await statusOf('/api/datasets/0/people?sort=age', headers)).toBe(400)
    expect(await statusOf('/api/datasets/0/people?count=1000000', headers)).toBe(400)
    expect(await statusOf(overview, headers, 'DELETE')).toBe(405)
  })
})

describe('every answer', () => {
  it('lets a browser load and run nothing but what this server sends, and keep no face', async () => {
    const headers = { Authorization: `Bearer ${token}` }
    for (const path of ['/', overview, '/photos/0/0', '/nowhere']) {
      const found = (await asked(path, headers)).headers
      const policy = String(found['content-security-policy'])
      expect(policy, path).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).not.toContain('unsafe')
      expect(policy).toContain("frame-ancestors 'none'")
      expect(found).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      expect(found['access-control-allow-origin']).toBeUndefined()
    }
  })
})
