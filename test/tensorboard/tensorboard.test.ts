import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  eventStep,
  frameTfRecord,
  readTfRecords,
  scalarsEvent,
  startEvent,
  versionEvent,
} from '../../src/tensorboard/index.js'
import { oracle, runOracle } from '../oracles/python.js'

const golden = resolve(import.meta.dirname, '../../fixtures/golden/tensorboard/events.out.tfevents.golden')

const file = Buffer.concat(
  [
    versionEvent(1700000000.25),
    scalarsEvent(1700000001.5, 10, { loss: 41.7, learning_rate: 0.1 }),
    scalarsEvent(1700000002.75, 300, { lfw: 0.9973 }),
    startEvent(1700000003, 301),
  ].map(frameTfRecord),
)

describe('TensorBoard events', () => {
  it('are the bytes that Python makes of the description of the formats', async () => {
    expect(file).toEqual(await readFile(golden))
  })

  it('tell their steps', () => {
    expect([...readTfRecords(file)].map(({ data }) => eventStep(data, 'events'))).toEqual([0, 10, 300, 301])
  })

  it('are read up to a record that is cut off, wherever it is', () => {
    const ends = [...readTfRecords(file)].map(({ end }) => end)
    expect(ends.at(-1)).toBe(file.length)
    for (let length = 0; length < file.length; length++) {
      const read = [...readTfRecords(file.subarray(0, length))].map(({ end }) => end)
      expect(read).toEqual(ends.filter((end) => end <= length))
    }
  })

  it('are read up to a record that is damaged, in its length or its data', () => {
    const [first, second] = [...readTfRecords(file)].map(({ end }) => end)
    for (let at = first!; at < second!; at++) {
      const damaged = Buffer.from(file)
      damaged[at]! ^= 0x10
      expect([...readTfRecords(damaged)].map(({ end }) => end)).toEqual([first])
    }
  })
})

describe.skipIf(oracle('torch') === undefined)('Python', () => {
  it('writes the committed file again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'facedata-events-'))
    await runOracle('torch', 'tensorboard_events.py', join(folder, 'events'))
    expect(await readFile(join(folder, 'events'))).toEqual(await readFile(golden))
    await rm(folder, { recursive: true })
  })
})
