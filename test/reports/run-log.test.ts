import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRunLog } from '../../src/reports/run-log.js'

function logOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'facedata-log-')), 'log.jsonl')
  writeFileSync(path, text)
  return path
}

const step = (n: number, loss: number | null = 3) =>
  JSON.stringify({ step: n, epoch: 0, loss, learning_rate: 0.1, images_per_second: 20 })

describe('readRunLog', () => {
  it('has training and val targets by columns', async () => {
    const verified = JSON.stringify({ step: 20, epoch: 0, val_target: 'lfw', accuracy: 0.9, highest: 0.9 })
    const log = await readRunLog(logOf(`${step(10)}\n${step(20, 2)}\n${verified}\n`))
    expect(log).toMatchObject({ steps: [10, 20], losses: [3, 2], learningRates: [0.1, 0.1], faults: [] })
    expect(log.accuracies.get('lfw')).toEqual({ steps: [20], accuracies: [0.9] })
  })

  it('passes over a torn last line, and tells of it', async () => {
    const log = await readRunLog(logOf(`${step(10)}\n${step(20).slice(0, 30)}`))
    expect(log.steps).toEqual([10])
    expect(log.faults).toEqual([
      'log.jsonl: line 2, the last one, is not whole: the run is being written, or was killed',
    ])
  })

  it('tells where lines in between are no events', async () => {
    const log = await readRunLog(logOf(`${step(10)}\nnothing\n[1]\n"x"\n${step(20)}\n`))
    expect(log.steps).toEqual([10, 20])
    expect(log.faults).toEqual(['log.jsonl: 3 lines are no events, the first is line 2'])
  })

  it('keeps the step at which a run was lost: a loss of null is no number', async () => {
    const lost = JSON.stringify({ step: 15, epoch: 0, loss: null, learning_rate: 9, records: [1, 2] })
    const log = await readRunLog(logOf(`${step(10)}\n${lost}\n`))
    expect(log.losses).toEqual([3, Number.NaN])
    expect(log.lost).toEqual({ step: 15, loss: Number.NaN, learningRate: 9 })
  })

  it('says where there is no log, or nothing in it', async () => {
    expect((await readRunLog('/nowhere/log.jsonl')).faults[0]).toContain('there is none')
    expect((await readRunLog(logOf(''))).faults).toEqual(['log.jsonl: it is empty: no step was logged yet'])
  })
})
