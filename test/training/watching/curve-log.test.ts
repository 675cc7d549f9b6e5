import { appendFile, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CurveLog } from '../../../src/training/watching/curve-log.js'
import { curvePoints } from './curve-points.js'

let folder: string
let curves: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-curves-'))
})
beforeEach(() => {
  curves = join(folder, `run-${count++}`, 'tensorboard')
})
afterAll(() => rm(folder, { recursive: true }))

async function writeSteps(from: number, steps: number[]): Promise<void> {
  const log = await CurveLog.open(curves, from)
  for (const step of steps) await log.write(step, { loss: step / 10 })
  await log.close()
}

/** Names of the files, in the order in which TensorBoard reads them. */
const files = async () => (await readdir(curves)).sort()

const points = () => curvePoints(curves)

const loss = (...steps: number[]) => steps.map((step) => ['loss', step, Math.fround(step / 10)])

describe('curves for TensorBoard', () => {
  it('are in one file with a name that TensorBoard looks for', async () => {
    const log = await CurveLog.open(curves, 0)
    await log.write(10, { time_for_end: 1.5, learning_rate: 0.1, loss: 40 })
    await log.write(20, { lfw: 0.75 })
    await log.close()
    expect(await files()).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d{10}\.facedata$/)])
    expect(await points()).toEqual([
      ['start', 0],
      ['time_for_end', 10, 1.5],
      ['learning_rate', 10, Math.fround(0.1)],
      ['loss', 10, 40],
      ['lfw', 20, 0.75],
    ])
  })

  it('have no point twice where a run goes on from a checkpoint', async () => {
    await writeSteps(0, [10, 20, 20, 30])
    await writeSteps(20, [30, 40, 50])
    await writeSteps(40, [50])
    expect(await points()).toEqual([
      ['start', 0],
      ...loss(10, 20, 20),
      ['start', 21],
      ...loss(30, 40),
      ['start', 41],
      ...loss(50),
    ])
  })

  it('go on in a file that comes after the others, which a watching TensorBoard moves on to', async () => {
    await writeSteps(0, [10])
    const [first] = await files()
    await writeSteps(10, [20])
    await writeSteps(20, [30])
    expect((await files())[0]).toBe(first)
    expect(await files()).toHaveLength(3)
  })

  it('lose a file that begins after the checkpoint', async () => {
    await writeSteps(0, [10])
    await writeSteps(10, [20])
    await writeSteps(5, [10, 20])
    expect(await points()).toEqual([['start', 6], ...loss(10, 20)])
    expect(await files()).toHaveLength(1)
  })

  it('lose a record that a killed run left unfinished', async () => {
    await writeSteps(0, [10, 20])
    const [name] = await files()
    const path = join(curves, name!)
    await truncate(path, (await readFile(path)).length - 3)
    await writeSteps(20, [30])
    expect(await points()).toEqual([['start', 0], ...loss(10), ['start', 21], ...loss(30)])
  })

  it("leave another tool's files alone", async () => {
    await writeSteps(0, [10])
    await appendFile(join(curves, 'events.out.tfevents.1700000000.host.1.0'), 'theirs')
    const theirs = async () => readFile(join(curves, 'events.out.tfevents.1700000000.host.1.0'), 'utf8')
    await writeSteps(0, [10])
    expect(await theirs()).toBe('theirs')
  })
})
