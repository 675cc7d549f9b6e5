import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type {
  RuntimeProvider,
  State,
  TrainingOptions,
  TrainingSession,
} from '../../../../src/engines/index.js'
import { mobilefacenet } from '../../../../src/network/index.js'
import { swiftshader, useSwiftshader } from '../../../swiftshader.js'
import { expectEqualStates } from './equal-states.js'
import { batchOf, createSession } from './small-run.js'

const side = 16
const mobile = mobilefacenet({ blocks: [1, 0, 0, 0], scale: 1, embeddingSize: 16, imageSize: side })

describe.skipIf(swiftshader.skip)(swiftshader.title, { timeout: 600_000 }, () => {
  const sessions: TrainingSession[] = []
  beforeAll(useSwiftshader)
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()))
  })

  async function open(
    provider: RuntimeProvider,
    changes: Partial<TrainingOptions> = {},
  ): Promise<TrainingSession> {
    const session = await createSession(provider, changes)
    sessions.push(session)
    return session
  }

  /** Steps on both providers: the same losses and norms to 1e-3. Returns the states after each of these steps. */
  async function trainBoth(changes: Partial<TrainingOptions>, steps: number, size?: number) {
    const [cpu, webgpu] = [await open('cpu', changes), await open('webgpu', changes)]
    const states: [cpu: State, webgpu: State][] = []
    for (let step = 0; step < steps; step++) {
      const batch = { ...batchOf(step, size), ...centresOf(step, changes) }
      const [expected, actual] = [await cpu.step(batch), await webgpu.step(batch)]
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(1e-3 * expected.loss)
      expect(Math.abs(actual.gradientNorm - expected.gradientNorm)).toBeLessThan(1e-3 * expected.gradientNorm)
      if (step === 0 || step === steps - 1) states.push([await copyOf(cpu), await copyOf(webgpu)])
    }
    return { cpu, webgpu, states }
  }

  /** Tables of class centres are the session's own memory. */
  async function copyOf(session: TrainingSession): Promise<State> {
    const state = [...(await session.state())]
    return new Map(state.map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data) }]))
  }

  /** Those of the labels, and others up to the number of the session. */
  function centresOf(step: number, { sampledCentres }: Partial<TrainingOptions>) {
    if (sampledCentres === undefined) return {}
    const chosen = new Set(batchOf(step).labels)
    for (let other = step; chosen.size < sampledCentres; other++) chosen.add(other % 20)
    return { centres: Int32Array.from([...chosen].sort((a, b) => a - b)) }
  }

  it('a MobileFaceNet has the gradients and the five first steps of the processor', async () => {
    const { webgpu, states } = await trainBoth({ backbone: mobile, seed: 3 }, 5, side)
    expect(webgpu.device).toMatch(/SwiftShader/)
    expect(webgpu.lowering).toBe('onnxruntime portable')
    // After the first step the momentum is the gradient.
    for (const [cpu, own] of states) expectEqualStates(own, cpu)
  })

  it('a checkpoint goes from either provider to the other', async () => {
    const { cpu, webgpu, states } = await trainBoth({}, 3)
    const [onCpu, onWebgpu] = states[1]!
    await webgpu.load(onCpu)
    await cpu.load(onWebgpu)
    const batch = batchOf(3)
    const [first, second] = [await webgpu.step(batch), await cpu.step(batch)]
    expect(Math.abs(first.loss - second.loss)).toBeLessThan(1e-3 * second.loss)
    expectEqualStates(await webgpu.state(), await cpu.state())
    const [embedded, expected] = [await webgpu.embed(batch.images), await cpu.embed(batch.images)]
    embedded.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-3 * (1 + Math.abs(expected[i]!)))
    })
  })

  it('AdamW and accumulated gradients are those of the processor', async () => {
    const changes = { optimizer: { name: 'adamw', weightDecay: 0.01 }, gradientAccumulation: 2 } as const
    const { states } = await trainBoth(changes, 4)
    expect(states[1]![1].get('optimizer.step')!.data[0]).toBe(2)
    const parameters = (state: State): State =>
      new Map([...state].filter(([name]) => !name.startsWith('optimizer.')))
    expectEqualStates(parameters(states[1]![1]), parameters(states[1]![0]))
  })

  it('sampled class centres lie on the device while they fit, and the others do not move', async () => {
    const { webgpu, states } = await trainBoth({ sampledCentres: 9 }, 4)
    expect(webgpu.centres).toEqual({ onDevice: true, bytes: 2 * 20 * 16 * 4 })
    for (const [cpu, own] of states) expectEqualStates(own, cpu)
  })

  it('sampled class centres lie in tables where gradients are accumulated', async () => {
    const { webgpu, states } = await trainBoth({ sampledCentres: 20, gradientAccumulation: 2 }, 2)
    expect(webgpu.centres?.onDevice).toBe(false)
    for (const [cpu, own] of states) expectEqualStates(own, cpu)
  })

  it('has the same bits whether or not batches are handed over ahead of their steps', async () => {
    const [ahead, other] = [await open('webgpu'), await open('webgpu')]
    const batches = Array.from({ length: 4 }, (_, step) => batchOf(step))
    for (const [step, batch] of batches.entries()) {
      const running = ahead.step(batch)
      const next = batches[step + 1]
      if (next !== undefined) ahead.prepare(next)
      expect(await running).toEqual(await other.step(batch))
    }
    expect(await ahead.state()).toEqual(await other.state())
  })

  it('memory does not grow over 300 steps', async () => {
    const session = await open('webgpu')
    const memoryAfter = async (from: number, to: number): Promise<number> => {
      let batch = batchOf(from % 10)
      for (let step = from; step < to; step++) {
        const running = session.step(batch)
        batch = batchOf((step + 1) % 10)
        session.prepare(batch)
        await running
      }
      await session.step(batch)
      return process.memoryUsage.rss()
    }
    const before = await memoryAfter(0, 100)
    // The state of this network has 0.1 MB: every step's, kept, would be 20 MB.
    expect((await memoryAfter(100, 300)) - before).toBeLessThan(10e6)
  })
})
