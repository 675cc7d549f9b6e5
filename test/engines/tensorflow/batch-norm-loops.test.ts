import { describe, expect, it } from 'vitest'
import { openTensorFlow } from '../../../src/engines/tensorflow/addon/open-tensorflow.js'
import { Graph, type Value } from '../../../src/engines/tensorflow/graph.js'
import { lower } from '../../../src/engines/tensorflow/lowering.js'
import { SavedModelSession } from '../../../src/engines/tensorflow/saved-model-session.js'
import { NodeList } from '../../../src/network/index.js'
import { NEEDS_TENSORFLOW, tensorflowMissing } from '../engines.js'
import { hashedValues } from '../reference.js'

const CHANNELS = 4
/** The fewest elements that are compiled. */
const SHAPE = [4, 250, 250, CHANNELS]
const COUNT = 250_000
const EPSILON = 1e-5

type Floats = Readonly<Record<string, Float32Array>>

/** BatchNorm and PReLU: the graph's values and gradients; images lie channels last. */
async function inLoops(given: Floats) {
  const list = new NodeList()
  list.prelu('prelu', list.batchNorm('norm', 'x', CHANNELS), CHANNELS)
  const graph = new Graph('NHWC')
  const inputs = Object.fromEntries(
    Object.entries(given).map(([name, values]) => {
      const shape = values.length > CHANNELS ? SHAPE : values.length === 1 ? [] : [CHANNELS]
      return [name, graph.input(name, 'float32', shape)]
    }),
  )
  const parameters = new Map<string, Value>(Object.entries(inputs))
  const lowering = { graph, training: true, parameters }
  const forward = lower(lowering, list.nodes, { x: inputs['x']! })
  const gradients = forward.backward(inputs['gradient']!)
  const outputs = {
    output: forward.output,
    input: gradients.inputs.get('x')!,
    ...Object.fromEntries([...gradients.parameters, ...forward.buffers]),
  }
  graph.signature('nodes', inputs, outputs)
  const model = graph.toModel()
  const session = await SavedModelSession.create(openTensorFlow().binding, model)
  const results = session.run('nodes', given, Object.keys(outputs)) as Floats
  session.close()
  return { results, ops: new Set(model.nodes.map(({ op }) => op)) }
}

/** The same by the definition, in float64. */
function byDefinition({ x, gradient, ...given }: Floats): Record<string, Float64Array> {
  const result = (length: number) => new Float64Array(length)
  const [output, input] = [result(x!.length), result(x!.length)]
  const [slope, weight, bias, variances] = [result(4), result(4), result(4), result(4)]
  for (let channel = 0; channel < CHANNELS; channel++) {
    const of = (name: string) => given[name]![channel]!
    const sum = (value: (i: number) => number) => {
      let total = 0
      for (let i = channel; i < x!.length; i += CHANNELS) total += value(i)
      return total
    }
    const mean = sum((i) => x![i]!) / COUNT
    const squares = sum((i) => (x![i]! - mean) ** 2)
    const inverse = 1 / Math.sqrt(squares / COUNT + EPSILON)
    const normalized = (i: number) => (x![i]! - mean) * inverse
    const before = (i: number) => normalized(i) * of('norm.weight') + of('norm.bias')
    const arriving = (i: number) => gradient![i]! * (before(i) > 0 ? 1 : of('prelu.weight'))
    slope[channel] = sum((i) => gradient![i]! * Math.min(before(i), 0))
    weight[channel] = sum((i) => arriving(i) * normalized(i))
    bias[channel] = sum(arriving)
    variances[channel] = 0.9 * of('norm.running_var') + (0.1 * squares) / (COUNT - 1)
    for (let i = channel; i < x!.length; i += CHANNELS) {
      output[i] = before(i) > 0 ? before(i) : before(i) * of('prelu.weight')
      const ofStatistics = (bias[channel]! + normalized(i) * weight[channel]!) / COUNT
      input[i] = of('norm.weight') * inverse * (arriving(i) - ofStatistics)
    }
  }
  const parameters = { 'prelu.weight': slope, 'norm.weight': weight, 'norm.bias': bias }
  return { output, input, ...parameters, 'norm.running_var': variances }
}

function givenAround(base: number): Floats {
  const floats = (shape: readonly number[], base: number, salt: number) =>
    hashedValues({ shape, base, spread: 1 }, salt)
  return {
    x: floats(SHAPE, base, 1),
    gradient: floats(SHAPE, 0.2, 2),
    'norm.weight': floats([CHANNELS], 1.5, 3),
    'norm.bias': floats([CHANNELS], 0, 4),
    'norm.running_mean': floats([CHANNELS], 0, 5),
    'norm.running_var': floats([CHANNELS], 0, 6).fill(0),
    'norm.num_batches_tracked': Float32Array.of(0),
    'prelu.weight': floats([CHANNELS], 0.25, 7),
  }
}

const title = tensorflowMissing ? ` (${NEEDS_TENSORFLOW})` : ''

describe.skipIf(tensorflowMissing)(`BatchNorm in compiled loops${title}`, () => {
  // Where the output is nearly zero, rounding decides which slope a pixel's gradient takes.
  it.each([0, 3000])('has values, gradients and variance of images around %i', async (base) => {
    const given = givenAround(base)
    const { results, ops } = await inLoops(given)
    expect(ops).toContain('BiasAddGrad')
    expect(ops).not.toContain('FusedBatchNormV3')
    for (const [name, expected] of Object.entries(byDefinition(given))) {
      const norm = (value: (i: number) => number) =>
        Math.sqrt(expected.reduce((sum, _, i) => sum + value(i) ** 2, 0))
      const difference = norm((i) => results[name]![i]! - expected[i]!) / norm((i) => expected[i]!)
      expect(difference, name).toBeLessThan(1e-3)
    }
  })
})
