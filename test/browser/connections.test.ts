import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { browse } from '../../src/browser/browse.js'
import { silentLog } from '../../src/progress/progress.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { temporaryFolder } from '../temporary-folder.js'
import { asker, placeOf, tokenOf } from './ask.js'

const datasets = temporaryFolder()
await publishTiny(datasets, 'tiny', { ann: 2, bob: 1 })
const pairs = join(datasets, 'pairs.csv')
await writeFile(pairs, 'a_dataset,a_name,b_dataset,b_name\ntiny,ann,tiny,bob\n')

const warnings: string[] = []
const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
const browsing = await browse(['tiny'], { datasets, reviews: [pairs], log })
afterAll(() => browsing.close())

const { get } = asker(browsing.url)
const port = Number(new URL(browsing.url).port)
const isWell = async () => (await get('/api/overview')).status === 200

/** Sends the head of an answer to a review, and what of its body is given. */
async function beginAnswer(length: number, body: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    [
      `POST ${placeOf(browsing.url)}/api/reviews/0/0 HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${tokenOf(browsing.url)}`,
      'Content-Type: application/json',
      `Content-Length: ${length}`,
      '',
      body,
    ].join('\r\n'),
  )
  return socket
}

describe('what is sent', () => {
  it('is refused in words as soon as it is too much, and not waited for', async () => {
    const socket = await beginAnswer(1_000_000, 'x'.repeat(5000))
    let text = ''
    for await (const piece of socket) text += piece
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toContain('more than 4096 bytes were sent')
    expect(await isWell()).toBe(true)
  })

  it('may end early: that is no error of this program', async () => {
    for (let i = 0; i < 3; i++) {
      const socket = await beginAnswer(30, '{"answer": ')
      expect(await isWell()).toBe(true)
      socket.destroy()
      await once(socket, 'close')
    }
    expect(await isWell()).toBe(true)
    await new Promise((done) => setTimeout(done, 50))
    expect(warnings).toEqual([])
  })
})

it('connections that nobody uses do not use up the files of the process', async () => {
  const sockets: Socket[] = []
  let open = 0
  for (let i = 0; i < 300; i++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => open--)
    await once(socket, 'connect')
    open++
    sockets.push(socket)
  }
  await expect.poll(() => open).toBeLessThanOrEqual(256)
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => isWell().catch(() => false)).toBe(true)
})
