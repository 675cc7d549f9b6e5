// The worker module of worker-pool.test.ts: plain JavaScript, so that it needs no build of its own.
import { threadId } from 'node:worker_threads'
import { InputError, StrictError } from '../../dist/errors/index.js'
import { transfer } from '../../dist/workers/index.js'

export function double(value) {
  return value * 2
}

export function sum(bytes) {
  return bytes.reduce((total, byte) => total + byte, 0)
}

export function filled({ length, value }) {
  const bytes = new Uint8Array(length).fill(value)
  return transfer({ bytes, value }, [bytes.buffer])
}

export function failOnInput(file) {
  throw new InputError(
    { file, record: 7, problem: 'bad magic', expected: 1, actual: 2 },
    { cause: new Error('below') },
  )
}

export function failOnStrict() {
  throw new StrictError('two images were skipped')
}

export async function failOnSystem() {
  const { open } = await import('node:fs/promises')
  await open('/nowhere/at/all')
}

export function failOnCode() {
  return undefined.missing
}

export function spin() {
  for (;;);
}

export function leave() {
  process.exit(3)
}

export async function thread(milliseconds) {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  return threadId
}

export function report({ port }) {
  for (let count = 1; count <= 3; count++) port.postMessage(count)
  port.close()
}
