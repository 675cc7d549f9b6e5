import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventLog } from '../../../src/training/watching/event-log.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-log-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function writeSteps(path: string, from: number, steps: number[]): Promise<void> {
  const log = await EventLog.open(path, from)
  for (const step of steps) await log.write({ step, epoch: 0, loss: step / 10 })
  await log.close()
}

const steps = async (path: string) =>
  (await readFile(path, 'utf8')).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).step]))

describe('event log', () => {
  it('has one JSON object a line', async () => {
    const path = join(folder, 'new.jsonl')
    await writeSteps(path, 0, [1, 2])
    expect(await readFile(path, 'utf8')).toBe(
      '{"step":1,"epoch":0,"loss":0.1}\n{"step":2,"epoch":0,"loss":0.2}\n',
    )
  })

  it('starts anew at step 0', async () => {
    const path = join(folder, 'again.jsonl')
    await writeSteps(path, 0, [1, 2])
    await writeSteps(path, 0, [1])
    expect(await steps(path)).toEqual([1])
  })

  it('drops what a resumed run writes again, and a line that was cut short', async () => {
    const path = join(folder, 'resumed.jsonl')
    await writeSteps(path, 0, [10, 20, 20, 30])
    await appendFile(path, '{"step":2')
    await writeSteps(path, 20, [30, 40])
    expect(await steps(path)).toEqual([10, 20, 20, 30, 40])
  })

  it('names the log that a resumed run lacks', async () => {
    const path = join(folder, 'missing.jsonl')
    await expect(EventLog.open(path, 5)).rejects.toThrow(path)
  })
})
