import { describe, expect, it } from 'vitest'
import { openTensorFlow } from '../../../src/engines/tensorflow/addon/open-tensorflow.js'
import { filterForms, fromDevice, toDevice } from '../../../src/engines/tensorflow/filter-form.js'
import { Graph, type Value } from '../../../src/engines/tensorflow/graph.js'
import { kernels } from '../../../src/engines/tensorflow/kernels/index.js'
import { lower } from '../../../src/engines/tensorflow/lowering.js'
import { SavedModelSession } from '../../../src/engines/tensorflow/saved-model-session.js'
import { NEEDS_TENSORFLOW, tensorflowMissing } from '../engines.js'
import {
  compareWithDifferences,
  floatsOf,
  labelsOf,
  type NodeProgram,
  weightsOf,
} from '../finite-differences.js'
import { type Case, cases, nodeOf, WITHOUT_DERIVATIVE } from '../kernel-cases.js'

/** Images and filters come and go in PyTorch's layout; inside they lie as TensorFlow's CPU has them. */
async function build(test: Case): Promise<NodeProgram & { close(): void }> {
  const graph = new Graph('NHWC')
  const node = nodeOf(test)
  const forms = filterForms([node])
  const floats = floatsOf(test)
  const labels = labelsOf(test)
  const given: Record<string, Value> = {}
  const inputs: Record<string, Value> = {}
  const parameters = new Map<string, Value>()
  for (const [name, { shape }] of floats) {
    const value = graph.input(name, 'float32', shape)
    given[name] = value
    const form = forms.get(name)
    if (name.startsWith('node.')) parameters.set(name, form ? toDevice(graph, value, form) : value)
    else inputs[name] = isImage(value) ? graph.transpose(value, [0, 2, 3, 1]) : value
  }
  if (test.classes !== undefined) {
    given['labels'] = graph.input('labels', 'int32', [labels.length])
    inputs['labels'] = given['labels']
  }
  const lowering = { graph, training: true, parameters }
  const forward = lower(lowering, [node], inputs)
  const { shape } = forward.output
  given['weights'] = graph.input('weights', 'float32', shape)
  const gradients = forward.backward(given['weights'])
  const outputs: Record<string, Value> = { output: forward.output }
  for (const [name, value] of gradients.inputs) {
    outputs[name] = isImage(value) ? graph.transpose(value, [0, 3, 1, 2]) : value
  }
  for (const [name, value] of gradients.parameters) {
    const form = forms.get(name)
    outputs[name] = form ? fromDevice(graph, value, form) : value
  }
  graph.signature('node', given, outputs)
  const session = await SavedModelSession.create(openTensorFlow().binding, graph.toModel())
  const names = Object.keys(outputs)
  return {
    outputShape: shape,
    names: names.filter((name) => name !== 'output'),
    async run(values) {
      const feeds = Object.fromEntries([...floats.keys()].map((name) => [name, values(name)]))
      const more = { weights: weightsOf(shape), ...(test.classes !== undefined && { labels }) }
      const results = session.run('node', { ...feeds, ...more }, names) as Record<string, Float32Array>
      return { output: results['output']!, gradient: (name) => results[name]! }
    },
    close: () => session.close(),
  }
}

function isImage({ shape }: Value): boolean {
  return shape.length === 4
}

const title = tensorflowMissing ? ` (${NEEDS_TENSORFLOW})` : ''

describe.skipIf(tensorflowMissing)(`finite differences on tensorflow${title}`, () => {
  it.each(cases.map((test) => [test.title, test] as const))('%s', async (_, test) => {
    const program = await build(test)
    await compareWithDifferences(test, program)
    program.close()
  })

  it('covers every op that has a derivative', () => {
    const covered = new Set<string>(cases.map(({ op }) => op))
    const without = Object.keys(kernels).filter((op) => !covered.has(op))
    expect(without.sort()).toEqual(WITHOUT_DERIVATIVE)
  })
})
