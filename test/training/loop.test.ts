import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FacedataError, InputError, InterruptedError } from '../../src/errors/index.js'
import type { RunState } from '../../src/training/checkpoints/run-state.js'
import type { LoopParts } from '../../src/training/loop.js'
import { createSchedule } from '../../src/training/schedule.js'
import { FakeSession, fakeBatches, runLoop as runFakeLoop } from './fake-loop.js'

let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-loop-'))
})
afterAll(() => rm(folder, { recursive: true }))

const runLoop = (parts: Partial<LoopParts> = {}, from?: RunState) =>
  runFakeLoop(join(folder, `log-${count++}.jsonl`), parts, from)

describe('loop', () => {
  it('logs the mean loss of the steps since the last line, and the rate that the step used', async () => {
    const { lines, error } = await runLoop()
    expect(error).toBeUndefined()
    expect(lines.map(({ step, epoch, loss, learning_rate }) => [step, epoch, loss, learning_rate])).toEqual(
      [
        [3, 0, (1 + 1 / 2 + 1 / 3) / 3, 0.08],
        [6, 1, (1 / 4 + 1 / 5 + 1 / 6) / 3, 0.05],
        [9, 1, (1 / 7 + 1 / 8 + 1 / 9) / 3, 0.02],
        [10, 1, 1 / 10, 0.01],
      ].map((line) => line.map((value) => expect.closeTo(value, 12))),
    )
    expect(Object.keys(lines[0]!)).toEqual(['step', 'epoch', 'loss', 'learning_rate', 'images_per_second'])
    expect(lines.every(({ images_per_second: rate }) => typeof rate === 'number')).toBe(true)
  })

  it("draws upstream's curves at the steps of the log: time left in hours, rate, mean loss", async () => {
    const { lines, points } = await runLoop()
    expect(points).toEqual(
      lines.map(({ step, loss, learning_rate, images_per_second }) => ({
        step,
        time_for_end: expect.closeTo(((10 - Number(step)) * 2) / Number(images_per_second) / 3600, 12),
        learning_rate,
        loss,
      })),
    )
  })

  it('goes on over updates that mixed precision leaves out, and says how many there were', async () => {
    const session = new FakeSession(({ labels }) => {
      const skipped = labels[0]! < 2
      const gradientNorm = skipped ? Number.POSITIVE_INFINITY : 1
      const skippedUpdates = Math.min(labels[0]! + 1, 2)
      return {
        loss: 1,
        gradientNorm,
        scaling: { scale: 2 ** (16 - skippedUpdates), skipped, skippedUpdates },
      }
    })
    const { lines, points, error } = await runLoop({ session })
    expect(error).toBeUndefined()
    expect(session.rates).toHaveLength(10)
    expect(lines[0]).toMatchObject({ step: 3, loss: 1, loss_scale: 2 ** 14, skipped_updates: 2 })
    expect(points[0]).toMatchObject({ loss_scale: 2 ** 14, skipped_updates: 2 })
  })

  it('stops where gradients overflow however small the loss scale is', async () => {
    const session = new FakeSession(({ labels }) => {
      const scaling = { scale: 2 ** (3 - labels[0]!), skipped: true, skippedUpdates: labels[0]! + 1 }
      return { loss: 1, gradientNorm: Number.NaN, scaling }
    })
    const { error } = await runLoop({ session })
    expect(session.rates).toHaveLength(5)
    expect((error as Error).message).toContain('fp16: false trains in float32')
  })

  it('hands each batch over while the step before it runs', async () => {
    const session = new FakeSession()
    await runLoop({ session, lastStep: 3 })
    expect(session.calls).toEqual([
      ...['step 0', 'prepare 1', 'step 1, prepared', 'prepare 2', 'step 2, prepared'],
    ])
  })

  it('does not wait for a batch that is late before it looks at the step that is done', async () => {
    const session = new FakeSession()
    const { promise, resolve } = lateBatch()
    const batches = async function* (first: number, end: number) {
      for await (const batch of fakeBatches(first, end)) {
        if (batch.step === 5) await promise
        yield batch
      }
    }
    const saveCheckpoint = async ({ step }: RunState) => {
      session.calls.push(`checkpoint ${step}`)
      resolve()
    }
    expect((await runLoop({ session, batches, saveCheckpoint, lastStep: 6 })).error).toBeUndefined()
    expect(session.calls.slice(8)).toEqual([
      ...['step 4, prepared', 'checkpoint 5', 'prepare 5', 'step 5, prepared', 'checkpoint 6'],
    ])
  })

  it('tells what is wrong with a batch in its turn', async () => {
    const batches = async function* (first: number, end: number) {
      for await (const batch of fakeBatches(first, end)) {
        if (batch.step === 5) throw new InputError({ file: 'train.rec', problem: 'is no image' })
        yield batch
      }
    }
    const { error, saved, verified } = await runLoop({ batches })
    expect(error).toBeInstanceOf(InputError)
    expect(saved.map(({ step }) => step)).toEqual([5])
    expect(verified).toEqual([4, 5])
  })

  it("gives each step the schedule's rate", async () => {
    const session = new FakeSession()
    await runLoop({ session })
    expect(session.rates).toEqual(
      [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((tenths) => expect.closeTo(tenths / 100, 12)),
    )
  })

  it("verifies every `verbose` steps, at each epoch's end and at the end; keeps a checkpoint of each epoch", async () => {
    const { verified, saved } = await runLoop()
    expect(verified).toEqual([4, 5, 8, 10])
    expect(saved.map(({ step, epoch }) => [step, epoch])).toEqual([
      [5, 1],
      [10, 2],
    ])
  })

  it('keeps a checkpoint every so many steps too', async () => {
    const { saved } = await runLoop({ saveSteps: 3 })
    expect(saved.map(({ step }) => step)).toEqual([3, 5, 6, 9, 10])
  })

  it('ends at the last step, with a checkpoint, though the schedule goes on', async () => {
    const { verified, saved, run } = await runLoop({ lastStep: 7 })
    expect(run.step).toBe(7)
    expect(verified).toEqual([4, 5, 7])
    expect(saved.map(({ step }) => step)).toEqual([5, 7])
  })

  it('stops after the step in which it is told to, with a checkpoint that goes on to the same end', async () => {
    const whole = await runLoop()
    for (let stopAt = 1; stopAt < 10; stopAt++) {
      const controller = new AbortController()
      const session = new FakeSession(({ labels }) => {
        if (labels[0] === stopAt - 1) controller.abort(new InterruptedError())
        return { loss: 1 / (1 + labels[0]!), gradientNorm: 1 }
      })
      const stopped = await runLoop({ session, signal: controller.signal })
      expect(stopped.error).toBeInstanceOf(InterruptedError)
      const checkpoint = stopped.saved.at(-1)!
      expect(checkpoint.step).toBe(stopAt)
      const resumed = await runLoop({}, checkpoint)
      expect(withoutPace([...stopped.lines, ...resumed.lines])).toEqual(withoutPace(whole.lines))
      expect([...stopped.verified, ...resumed.verified]).toEqual(whole.verified)
      expect(resumed.run).toEqual(whole.run)
    }
  })

  it('goes on with the verification in which it was stopped', async () => {
    const controller = new AbortController()
    const stopped = await runLoop({
      signal: controller.signal,
      verify: async ({ step }) => {
        if (step === 4) controller.abort(new InterruptedError())
        controller.signal.throwIfAborted()
      },
    })
    expect(stopped.error).toBeInstanceOf(InterruptedError)
    expect(stopped.saved.at(-1)).toMatchObject({ step: 4, verificationDue: true })
    expect((await runLoop({}, stopped.saved.at(-1))).verified).toEqual([4, 5, 8, 10])
  })

  it('does not swallow what goes wrong in a verification', async () => {
    const verify = () => Promise.reject(new FacedataError('bad bin'))
    expect((await runLoop({ verify })).error).toMatchObject({ message: 'bad bin' })
  })

  it.each([
    ['loss', { loss: Number.NaN, gradientNorm: 1 }, 'loss NaN, gradient norm 1'],
    ['loss', { loss: Number.POSITIVE_INFINITY, gradientNorm: 1 }, 'loss Infinity'],
    ['gradient', { loss: 1.5, gradientNorm: Number.NaN }, 'loss 1.5, gradient norm NaN'],
  ])(
    'stops where the %s is no number, naming step and records, and keeps no checkpoint of it',
    async (_, bad, text) => {
      const session = new FakeSession(({ labels }) => (labels[0] === 6 ? bad : { loss: 1, gradientNorm: 1 }))
      const { error, saved, lines } = await runLoop({ session })
      expect(error).toBeInstanceOf(FacedataError)
      const { message } = error as Error
      expect(message).toContain('step 7')
      expect(message).toContain(text)
      expect(message).toContain('records of the batch: 106, 156')
      expect(message).toContain('the checkpoint of step 5 is from before')
      expect(message).toContain('warmup_epoch is 0')
      expect(saved.map(({ step }) => step)).toEqual([5])
      expect(lines.at(-1)).toMatchObject({ step: 7, epoch: 1, records: [106, 156] })
    },
  )

  it('puts the cause first that the figures point at', async () => {
    const causes = async (usual: number, last: number) => {
      const session = new FakeSession(({ labels }) =>
        labels[0] === 3 ? { loss: Number.NaN, gradientNorm: last } : { loss: 1, gradientNorm: usual },
      )
      const { error } = await runLoop({ session })
      return (error as Error).message.split('\n').filter((line) => line.startsWith('  - '))
    }
    const [sudden] = await causes(2, 900)
    expect(sudden).toMatch(/^ {2}- an image or label of the batch: .* 900, 2.00 in the steps before/)
    const [slow] = await causes(600, 900)
    expect(slow).toMatch(/^ {2}- a learning rate too high: it is 0.07/)
  })

  it('says so where the first steps already diverge', async () => {
    const session = new FakeSession(() => ({ loss: Number.NaN, gradientNorm: Number.NaN }))
    const { error, saved } = await runLoop({ session })
    expect((error as Error).message).toContain('no checkpoint was written yet')
    expect((error as Error).message).toContain('this is the first step')
    expect(saved).toEqual([])
  })

  it('stops where the loss explodes, before a checkpoint of it, and names one that is too late', async () => {
    const explode = (at: number) =>
      new FakeSession(({ labels }) => ({ loss: labels[0]! < at ? 4 : 70, gradientNorm: 3 }))
    const schedule = createSchedule({
      images: 90,
      batchSize: 2,
      epochs: 2,
      warmupEpochs: 1,
      rate: 0.1,
      upstreamWarmup: false,
    })
    const early = await runLoop({ session: explode(60), schedule, lastStep: 90 })
    const { message } = early.error as Error
    expect(message).toContain(
      'training diverged at step 70: the mean loss since step 51 is 37.0, where it was 4.0',
    )
    expect(message).toContain('the checkpoint of step 45 is from before')
    expect(message).not.toContain('warmup_epoch')
    expect(early.saved.map(({ step }) => step)).toEqual([45])
    const late = await runLoop({ session: explode(37), schedule, lastStep: 90 })
    expect((late.error as Error).message).toContain(
      'the checkpoint of step 45 was written when the loss was high already',
    )
  })
})

function lateBatch(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

function withoutPace(lines: Record<string, unknown>[]): unknown[] {
  return lines.map(({ images_per_second: _, ...line }) => line)
}
