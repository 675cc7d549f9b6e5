import { describe, expect, it } from 'vitest'
import { WorkerCalls } from '../../src/engines/worker-calls.js'
import { FacedataError } from '../../src/errors/index.js'

const entry = new URL('./faulty-worker.mjs', import.meta.url)

describe('calls into a worker thread', () => {
  it('bring back results, and problems as errors', async () => {
    const calls = new WorkerCalls(entry)
    expect(await calls.call('echo', [1, 'two'])).toEqual([1, 'two'])
    await expect(calls.call('refuse')).rejects.toThrow(new FacedataError('no such thing'))
    expect(await calls.call('echo', [3])).toEqual([3])
    await calls.close()
  })

  it.each([
    ['die', 'out of memory'],
    ['leave', 'has ended'],
  ])('all fail when the thread does (%s)', async (method, message) => {
    const calls = new WorkerCalls(entry)
    const [first, second] = [calls.call(method), calls.call('echo')]
    await expect(first).rejects.toThrow(message)
    await expect(second).rejects.toThrow(FacedataError)
    await expect(calls.call('echo')).rejects.toThrow('closed')
    await calls.close()
  })

  it('are answered in order; what is told is heard while one is answered', async () => {
    const calls = new WorkerCalls(new URL('./listening-worker.mjs', import.meta.url))
    const answers: unknown[] = []
    const note = calls.call('nextNote').then((answer) => answers.push(answer))
    const echo = calls.call('echo', ['after the note']).then((answer) => answers.push(answer))
    calls.tell('note', ['a note'])
    await Promise.all([note, echo])
    expect(answers).toEqual(['a note', 'after the note'])
    await calls.close()
    calls.tell('note', ['nobody hears'])
  })

  it('are answered before the thread is closed, and refused after', async () => {
    const calls = new WorkerCalls(entry)
    const answer = calls.call('echo', [4])
    const closing = calls.close()
    await expect(calls.call('echo')).rejects.toThrow('closed')
    expect(await answer).toEqual([4])
    await closing
  })
})
