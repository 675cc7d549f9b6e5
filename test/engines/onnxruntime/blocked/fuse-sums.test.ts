import { describe, expect, it } from 'vitest'
import { fuseSums } from '../../../../src/engines/onnxruntime/blocked/fuse-sums.js'
import { BLOCKED_DOMAIN } from '../../../../src/engines/onnxruntime/blocked/layout.js'
import type { OnnxNode } from '../../../../src/onnx/index.js'

const node = (op: string, inputs: string[], output: string, rest: Partial<OnnxNode> = {}): OnnxNode => ({
  ...{ op, inputs, outputs: [output], attributes: {} },
  ...rest,
})
const conv = (inputs: string[], output: string, rest: Partial<OnnxNode> = {}) =>
  node('Conv', inputs, output, { domain: BLOCKED_DOMAIN, ...rest })

describe('sums within convolutions', () => {
  it('take the place of the Add, where every operand is made', () => {
    const nodes = [
      conv(['x', 'w'], 'a'),
      node('Relu', ['x'], 'b'),
      node('Add', ['a', 'b'], 'c'),
      node('Neg', ['c'], 'd'),
    ]
    expect(fuseSums(nodes)).toEqual([
      node('Relu', ['x'], 'b'),
      conv(['x', 'w', '', 'b'], 'c'),
      node('Neg', ['c'], 'd'),
    ])
  })

  it('keep a bias, and take one convolution of two', () => {
    const nodes = [conv(['x', 'w', 'p'], 'a'), conv(['x', 'v'], 'b'), node('Add', ['a', 'b'], 'c')]
    expect(fuseSums(nodes)).toEqual([conv(['x', 'v'], 'b'), conv(['x', 'w', 'p', 'b'], 'c')])
  })

  it.each([
    ['is read twice', conv(['x', 'w'], 'a'), node('Neg', ['a'], 'd')],
    [
      'has an activation',
      conv(['x', 'w'], 'a', { attributes: { activation: 'Relu' } }),
      node('Neg', ['c'], 'd'),
    ],
    ['adds already', conv(['x', 'w', '', 's'], 'a'), node('Neg', ['c'], 'd')],
    ['is of the standard', node('Conv', ['x', 'w'], 'a'), node('Neg', ['c'], 'd')],
  ])('are left where the convolution %s', (_, convolution, reader) => {
    const nodes = [convolution, node('Add', ['a', 'b'], 'c'), reader]
    expect(fuseSums(nodes)).toEqual(nodes)
  })
})
