import { parentPort } from 'node:worker_threads'

parentPort.on('message', ({ id, method, parameters }) => {
  if (method === 'die') throw new Error('out of memory')
  if (method === 'leave') process.exit(0)
  if (method === 'refuse') parentPort.postMessage({ id, problem: 'no such thing' })
  else parentPort.postMessage({ id, result: parameters })
})
