import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Graph } from '../../../src/engines/onnxruntime/graph.js'
import { inferenceGraph } from '../../../src/engines/onnxruntime/inference-graph.js'
import { trainingGraph } from '../../../src/engines/onnxruntime/training-graph.js'
import { elementCount, type MarginHead, mobilefacenet, parametersOf } from '../../../src/network/index.js'
import { encodeModel, type OnnxModel } from '../../../src/onnx/index.js'
import { oracle, runOracle } from '../../oracles/python.js'

const backbone = mobilefacenet({ blocks: [2, 1, 1, 1], scale: 1, embeddingSize: 32, imageSize: 48 })
const base: MarginHead = {
  ...{ margin: { name: 'arcface', m: 0.5 }, marginGradient: 'exact' },
  ...{ scale: 64, interclassFilteringThreshold: 0.4 },
}
const heads: MarginHead[] = [
  { ...base, marginGradient: 'straight-through' },
  base,
  { ...base, margin: { name: 'combined', m1: 1.1, m2: 0.3, m3: 0 } },
  { ...base, margin: { name: 'cosface', m: 0.4 } },
  { ...base, margin: { name: 'adaface', m: 0.4, h: 0.333, t_alpha: 0.01 } },
]

function everyModel(): OnnxModel[] {
  const shapes = new Map(parametersOf(backbone.nodes).map(({ name, shape }) => [name, shape]))
  const weights = (name: string) => new Float32Array(elementCount(shapes.get(name)!))
  const optimizer = { name: 'sgd' as const, momentum: 0.9, weightDecay: 5e-4 }
  return [
    inferenceGraph(backbone, weights, new Map([['color', 'rgb']])),
    ...heads.map((head) => trainingGraph({ backbone, head, optimizer, batchSize: 4, classes: 7 })),
  ]
}

describe('the graphs', () => {
  it('use only operators that the CPU and WebGPU providers share', () => {
    const operators = new Set(everyModel().flatMap(({ nodes }) => nodes.map(({ op }) => op)))
    const shared = [
      ...[
        'Acos',
        'Add',
        'BatchNormalization',
        'Cast',
        'Clip',
        'Concat',
        'Conv',
        'ConvTranspose',
        'Cos',
        'Div',
      ],
      ...[
        'Equal',
        'Gather',
        'GatherElements',
        'Gemm',
        'Greater',
        'Identity',
        'Log',
        'MatMul',
        'Max',
        'Min',
        'Mul',
      ],
      ...[
        'Neg',
        'PRelu',
        'Reciprocal',
        'ReduceMean',
        'ReduceSum',
        'ReduceSumSquare',
        'Reshape',
        'Slice',
        'Softmax',
      ],
      ...['Sqrt', 'Sub', 'Transpose', 'Where'],
    ]
    expect([...operators].filter((operator) => !shared.includes(operator))).toEqual([])
  })

  it.skipIf(oracle('torch') === undefined)('pass onnx.checker (needs the torch oracle)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'facedata-graph-'))
    const paths: string[] = []
    for (const model of everyModel()) {
      const path = join(folder, `${paths.length}.onnx`)
      await writeFile(path, Buffer.concat(encodeModel(model)))
      paths.push(path)
    }
    await runOracle('torch', 'check_onnx.py', ...paths)
    await rm(folder, { recursive: true })
  })

  it('leave out what no output depends on, and store equal constants once', () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [2])
    graph.multiply(x, 7)
    graph.output('y', graph.add(graph.multiply(x, 3), 3))
    const { nodes, initializers } = graph.toModel('example')
    expect(nodes.map(({ op }) => op)).toEqual(['Mul', 'Add', 'Identity'])
    expect(initializers.length).toBe(1)
  })
})
