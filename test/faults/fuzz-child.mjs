// A process that reads damaged files: `fork(fuzz-child.mjs)`, then a message {kind, files, seeds: [first, end]}. It damages
// one of the files for each seed, reads it, and tells what went wrong, and now and then how far it is.
import { readFileSync, writeFileSync } from 'node:fs'
import { Random } from '../../dist/random/random.js'
import { allowed, readers } from './fuzz-readers.mjs'
import { mutate } from './mutations.mjs'

const CASES_A_TURN = 25
const TEXT = /\.(idx|lst|json)$|property$/

process.on('message', async ({ kind, files, seeds: [first, end] }) => {
  const targets = []
  for (const path of files) {
    const bytes = readFileSync(path)
    targets.push({ path, bytes, isText: TEXT.test(path), read: await readers[kind](path, bytes) })
  }
  for (let seed = first; seed < end; seed++) {
    if (seed % CASES_A_TURN === 0) process.send({ seed })
    const random = new Random(seed)
    const { path, bytes, isText, read } = targets[random.integer(targets.length)]
    const { damaged, first } = mutate(bytes, random, isText)
    writeFileSync(path, damaged)
    try {
      await allowed(() => read({ first, random }))
    } catch (error) {
      process.send({ seed, fault: `${path}, seed ${seed}: ${error?.stack ?? error}` })
    }
    writeFileSync(path, bytes)
  }
  process.send({ seed: end, peak: process.resourceUsage().maxRSS * 1024 })
  process.disconnect()
})
