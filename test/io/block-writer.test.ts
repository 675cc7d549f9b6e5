import { expect, it } from 'vitest'
import { BlockWriter } from '../../src/io/index.js'

/** Keeps what is written; each write takes a turn of the event loop. */
function slowSink() {
  const writes: string[] = []
  return {
    writes,
    write: async (...pieces: Uint8Array[]) => {
      const text = Buffer.concat(pieces).toString()
      await new Promise((resolve) => setImmediate(resolve))
      writes.push(text)
    },
  }
}

it('hands full blocks over in order, pieces larger than a block whole', async () => {
  const sink = slowSink()
  const writer = new BlockWriter(sink, 8)
  for (const text of ['abc', 'def', 'ghi', 'a piece of its own', 'z']) writer.append(Buffer.from(text))
  expect(writer.position).toBe(28)
  await writer.flush()
  expect(sink.writes).toEqual(['abcdef', 'ghi', 'a piece of its own', 'z'])
})

it('does not touch a block again before it is written', async () => {
  const sink = slowSink()
  const writer = new BlockWriter(sink, 4)
  for (let i = 0; i < 50; i++) {
    writer.append(Buffer.from(String(i).padStart(4, '0')))
    await writer.ready()
  }
  await writer.flush()
  expect(sink.writes.map(Number)).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

it('says when it is behind, until ready was awaited', async () => {
  const writer = new BlockWriter(slowSink(), 2)
  writer.append(Buffer.from('aa'))
  writer.append(Buffer.from('bb'))
  expect(writer.behind).toBe(false)
  for (const text of ['cc', 'dd']) writer.append(Buffer.from(text))
  expect(writer.behind).toBe(true)
  await writer.ready()
  expect(writer.behind).toBe(false)
})

it('appends text by its UTF-8 bytes, and gives claimed bytes back', async () => {
  const sink = slowSink()
  const writer = new BlockWriter(sink, 16)
  writer.appendText('añ😀')
  const at = writer.claim(5)
  writer.block.write('12345', at)
  writer.giveBack(3)
  writer.appendText('!')
  await writer.flush()
  expect(sink.writes.join('')).toBe('añ😀12!')
})

it('throws the error of the sink from ready and from flush', async () => {
  const writer = new BlockWriter({ write: () => Promise.reject(new Error('disk full')) }, 2)
  for (let i = 0; i < 4; i++) writer.append(Buffer.from('xx'))
  await expect(writer.ready()).rejects.toThrow('disk full')
  await expect(writer.flush()).rejects.toThrow('disk full')
})
