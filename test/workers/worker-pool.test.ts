import { MessageChannel } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { ExitCode, InputError, InterruptedError, StrictError } from '../../src/errors/index.js'
import { WorkerPool } from '../../src/workers/index.js'

interface Tasks {
  double(value: number): number
  sum(bytes: Uint8Array): number
  filled(payload: { length: number; value: number }): { bytes: Uint8Array; value: number }
  failOnInput(file: string): never
  failOnStrict(payload: undefined): never
  failOnSystem(payload: undefined): Promise<never>
  failOnCode(payload: undefined): never
  spin(payload: undefined): never
  leave(payload: undefined): never
  thread(milliseconds: number): Promise<number>
  report(payload: { port: MessagePort }): void
  absent(payload: undefined): void
}
type MessagePort = MessageChannel['port1']

const workerUrl = new URL('./tasks.mjs', import.meta.url)
const pool = new WorkerPool<Tasks>(workerUrl, { threads: 2 })
afterAll(() => pool.close())

describe('WorkerPool', () => {
  it('calls a named function and returns its result', async () => {
    expect(await Promise.all([1, 2, 3, 4, 5].map((value) => pool.run('double', value)))).toEqual([
      2, 4, 6, 8, 10,
    ])
  })

  it('uses as many threads as asked for and no more', async () => {
    const threads = await Promise.all(Array.from({ length: 6 }, () => pool.run('thread', 20)))
    expect(new Set(threads).size).toBe(2)
  })

  it('hands memory over in both directions', async () => {
    const bytes = new Uint8Array([1, 2, 3])
    expect(await pool.run('sum', bytes, { transfer: [bytes.buffer] })).toBe(6)
    expect(bytes.byteLength).toBe(0)
    expect(await pool.run('filled', { length: 3, value: 9 })).toEqual({
      bytes: new Uint8Array([9, 9, 9]),
      value: 9,
    })
  })

  it('hands over a port on which a task reports', async () => {
    const { port1, port2 } = new MessageChannel()
    const counts: number[] = []
    const closed = new Promise((resolve) => port1.once('close', resolve))
    port1.on('message', (count: number) => counts.push(count))
    await pool.run('report', { port: port2 }, { transfer: [port2] })
    await closed
    expect(counts).toEqual([1, 2, 3])
  })

  it('keeps class, fault, exit code, stack and cause of an InputError', async () => {
    const error = await pool.run('failOnInput', 'train.rec').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InputError)
    const { fault, exitCode, message, stack, cause, name } = error as InputError
    expect(fault).toEqual({ file: 'train.rec', record: 7, problem: 'bad magic', expected: 1, actual: 2 })
    expect(exitCode).toBe(ExitCode.inputData)
    expect(name).toBe('InputError')
    expect(message).toBe('train.rec: record 7: bad magic: expected 1, found 2')
    expect(stack).toContain('tasks.mjs')
    expect((cause as Error).message).toBe('below')
  })

  it('keeps the other classes and the codes of system errors', async () => {
    await expect(pool.run('failOnStrict', undefined)).rejects.toSatisfy(
      (error) => error instanceof StrictError && error.exitCode === ExitCode.strict,
    )
    await expect(pool.run('failOnSystem', undefined)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(pool.run('failOnCode', undefined)).rejects.toBeInstanceOf(TypeError)
  })

  it('names a function that the module lacks', async () => {
    await expect(pool.run('absent', undefined)).rejects.toThrow(/tasks\.mjs exports no function named absent/)
  })

  it('stops a task that never ends when its signal is aborted, and goes on afterwards', async () => {
    const controller = new AbortController()
    const spinning = pool.run('spin', undefined, { signal: controller.signal })
    const queued = Promise.allSettled(
      Array.from({ length: 3 }, () => pool.run('spin', undefined, { signal: controller.signal })),
    )
    setTimeout(() => controller.abort(new InterruptedError('SIGTERM')), 50)
    await expect(spinning).rejects.toBeInstanceOf(InterruptedError)
    for (const { status } of await queued) expect(status).toBe('rejected')
    await expect(pool.run('double', 1, { signal: controller.signal })).rejects.toBeInstanceOf(
      InterruptedError,
    )
    expect(await pool.run('double', 4)).toBe(8)
  })

  it('rejects the task of a thread that dies, and goes on afterwards', async () => {
    await expect(pool.run('leave', undefined)).rejects.toThrow(/exited with code: 3/)
    expect(await pool.run('double', 5)).toBe(10)
  })

  it('close stops what still runs', async () => {
    const closing = new WorkerPool<Tasks>(workerUrl, { threads: 1 })
    const spinning = closing.run('spin', undefined)
    const rejected = expect(spinning).rejects.toThrow()
    await closing.close()
    await rejected
  })

  it('closes in peace while results are on their way', async () => {
    const unhandled: unknown[] = []
    const listener = (error: unknown) => unhandled.push(error)
    process.on('uncaughtException', listener)
    for (let round = 0; round < 20; round++) {
      const closing = new WorkerPool<Tasks>(workerUrl, { threads: 2 })
      const runs = Array.from({ length: 40 }, () => closing.run('double', 1).catch(() => undefined))
      await runs[round]
      // Results gather while this thread does not look.
      const end = performance.now() + 2
      while (performance.now() < end);
      await closing.close()
      await Promise.all(runs)
    }
    process.off('uncaughtException', listener)
    expect(unhandled).toEqual([])
  })
})
