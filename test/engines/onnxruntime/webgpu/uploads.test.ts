import { InferenceSession } from 'onnxruntime-node'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { TrainingRun } from '../../../../src/engines/onnxruntime/training-run.js'
import type { TrainingOptions } from '../../../../src/engines/training-session.js'
import { swiftshader, useSwiftshader } from '../../../swiftshader.js'
import { batchOf, smallOptions } from './small-run.js'

/** What the runtime is asked for, in order: the first of a graph's results, and where images come from and it goes to. */
function recordRuns(): string[] {
  const runs: string[] = []
  const create = InferenceSession.create.bind(InferenceSession) as (
    ...parameters: unknown[]
  ) => Promise<InferenceSession>
  vi.spyOn(InferenceSession, 'create').mockImplementation(async (...parameters: unknown[]) => {
    const session = await create(...parameters)
    const run = session.run.bind(session) as typeof session.run
    session.run = (async (feeds: InferenceSession.FeedsType, ...others: []) => {
      const results = await run(feeds, ...others)
      const [name, result] = Object.entries(results)[0]!
      const images = feeds['images'] === undefined ? '' : ` of images in ${feeds['images'].location}`
      runs.push(`${name}${images} to ${result.location}`)
      return results
    }) as typeof session.run
    return session
  })
  return runs
}

describe.skipIf(swiftshader.skip)(swiftshader.title, { timeout: 600_000 }, () => {
  beforeAll(useSwiftshader)
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Two steps, the second batch handed over when the first step has begun. */
  async function runsOf(provider: 'cpu' | 'webgpu', changes: Partial<TrainingOptions> = {}) {
    const runs = recordRuns()
    const run = await TrainingRun.create({ ...smallOptions, ...changes }, { provider })
    run.hand(1, batchOf(0))
    const first = run.step(1)
    run.hand(2, batchOf(1))
    await first
    await run.step(2)
    const ofSteps = [...runs]
    await run.close()
    return ofSteps
  }

  it('gets the next images when it has its step, before anybody waits for the loss', async () => {
    expect(await runsOf('webgpu')).toEqual([
      'loss of images in cpu to gpu-buffer',
      'uploaded of images in cpu to gpu-buffer',
      'read.loss to cpu',
      'loss of images in gpu-buffer to gpu-buffer',
      'read.loss to cpu',
    ])
  })

  it('gets them when gradients are accumulated too', async () => {
    expect(await runsOf('webgpu', { gradientAccumulation: 2 })).toEqual([
      'loss of images in cpu to gpu-buffer',
      'uploaded of images in cpu to gpu-buffer',
      'read.loss to cpu',
      'loss of images in gpu-buffer to gpu-buffer',
      'read.loss to cpu',
      expect.stringMatching(/^next\..* to gpu-buffer$/),
    ])
  })

  it('is asked for nothing on a processor, which has no memory of its own', async () => {
    expect(await runsOf('cpu')).toEqual(['loss of images in cpu to cpu', 'loss of images in cpu to cpu'])
  })
})
