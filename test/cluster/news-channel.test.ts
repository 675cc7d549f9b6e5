import { once } from 'node:events'
import { expect, it } from 'vitest'
import { NewsChannel } from '../../src/cluster/news-channel.js'
import type { ShardNews } from '../../src/cluster/shard-worker.js'

it('tells all that a thread said before it was done, to the last word', () => {
  const told: unknown[] = []
  const channel = new NewsChannel({
    log: { info: (message) => told.push(message), warn: (message) => told.push(`warning: ${message}`) },
    progress: { start() {}, finish() {}, advance: (count, news) => told.push([count, news]) },
  })
  const news: ShardNews[] = [
    { kind: 'info', message: 'a' },
    { kind: 'advance', count: 3, skipped: 1 },
    { kind: 'warn', message: 'b' },
  ]
  for (const message of news) channel.port.postMessage(message)
  channel.close()
  expect(told).toEqual(['a', [3, { skipped: 1 }], 'warning: b'])
})

it('asks a thread to stop by itself', async () => {
  const channel = new NewsChannel({
    log: { info() {}, warn() {} },
    progress: { start() {}, finish() {}, advance() {} },
  })
  const asked = once(channel.port, 'message')
  channel.stop()
  expect(await asked).toEqual(['stop'])
  channel.close()
})
