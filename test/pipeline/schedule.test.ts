import { describe, expect, it } from 'vitest'
import { loadPipeline } from '../../src/pipeline/index.js'
import { type StepWork, schedule } from '../../src/pipeline/schedule.js'
import type { Step } from '../../src/pipeline/step.js'
import { stages } from './stages.js'
import { useWorkspace } from './workspace.js'

const workspace = useWorkspace()

/** Work that ends when it is told to, and what happened. */
class Desk {
  readonly events: string[] = []
  readonly #endings = new Map<string, (answer: 'done' | 'failed') => void>()
  readonly work: StepWork = {
    look: async ({ name }) => (name.startsWith('fresh') ? 'fresh' : 'run'),
    run: ({ name }, jobs) => {
      this.events.push(`${name} with ${jobs}`)
      return new Promise((done) => this.#endings.set(name, done))
    },
    passOver: ({ name }, cause) => void this.events.push(`${name} left out for ${cause?.name}`),
  }

  async end(name: string, answer: 'done' | 'failed' = 'done'): Promise<void> {
    await expect.poll(() => this.#endings.has(name)).toBe(true)
    this.#endings.get(name)!(answer)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  }
}

async function begin(lines: string[], jobs: number) {
  const pipeline = await loadPipeline(workspace.pipeline(['steps:', ...lines].join('\n')), stages)
  const desk = new Desk()
  const controller = new AbortController()
  const running = schedule(pipeline.steps as Step[], { jobs, work: desk.work, signal: controller.signal })
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  return { desk, controller, running }
}

describe('schedule', () => {
  it('shares the threads among the steps that must run', async () => {
    const { desk, running } = await begin(
      [
        '  - pack: { output: a }',
        '  - pack: { output: fresh }',
        '  - pack: { output: b }',
        '  - merge: { inputs: [a, fresh], output: c }',
        '  - train: { inputs: [b, c], output: d }',
      ],
      8,
    )
    expect(desk.events).toEqual(['a with 4', 'b with 4'])
    await desk.end('a')
    expect(desk.events.slice(2)).toEqual(['c with 4'])
    await desk.end('b')
    await desk.end('c')
    expect(desk.events.slice(3)).toEqual(['d with 8'])
    await desk.end('d')
    await running
  })

  it('never gives more threads than there are, and lets nothing pass by a step that waits for them', async () => {
    const { desk, running } = await begin(
      [
        '  - pack: { output: a, jobs: 3 }',
        '  - pack: { output: b, jobs: 16 }',
        '  - pack: { output: c, jobs: 1 }',
      ],
      4,
    )
    expect(desk.events).toEqual(['a with 3'])
    await desk.end('a')
    expect(desk.events.slice(1)).toEqual(['b with 4'])
    await desk.end('b')
    await desk.end('c')
    await running
    expect(desk.events).toEqual(['a with 3', 'b with 4', 'c with 1'])
  })

  it('gives a step whose result depends on it all threads, whatever else could run', async () => {
    const { desk, running } = await begin(
      ['  - train: { output: a }', '  - pack: { output: b }', '  - pack: { output: c }'],
      6,
    )
    expect(desk.events).toEqual(['a with 6'])
    await desk.end('a')
    expect(desk.events.slice(1)).toEqual(['b with 3', 'c with 3'])
    await desk.end('b')
    await desk.end('c')
    await running
  })

  it('leaves out what needs a step that failed, near and far', async () => {
    const { desk, running } = await begin(
      [
        '  - pack: { output: a }',
        '  - merge: { inputs: [a], output: b }',
        '  - merge: { inputs: [b], output: c }',
        '  - pack: { output: d }',
        '  - merge: { inputs: [d], output: e }',
      ],
      2,
    )
    await desk.end('a', 'failed')
    await desk.end('d')
    await desk.end('e')
    await running
    expect(desk.events).toEqual(['a with 1', 'd with 1', 'b left out for a', 'c left out for b', 'e with 2'])
  })

  it('starts nothing any more once it is told to stop', async () => {
    const { desk, running, controller } = await begin(
      [
        '  - pack: { output: a }',
        '  - pack: { output: b, jobs: 2 }',
        '  - merge: { inputs: [a], output: c }',
      ],
      2,
    )
    controller.abort()
    await desk.end('a')
    await running
    expect(desk.events).toEqual(['a with 1', 'c left out for undefined', 'b left out for undefined'])
  })
})
