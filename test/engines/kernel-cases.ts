import type { Node, Op } from '../../src/network/index.js'

/** A node on its own: float inputs and parameters around `base`, labels where the op reads them. */
export interface Case {
  op: Op
  title: string
  attributes?: object
  inputs: { shape: number[]; base?: number; spread?: number }[]
  parameters?: Record<string, { shape: number[]; base?: number; spread?: number }>
  /** Number of classes: a last input of labels. */
  classes?: number
}

const image = (channels: number, size: number) => ({ shape: [3, channels, size, size] })
export const conv = (
  channels: number,
  out: number,
  size: number,
  attributes: { kernel: number; stride: number; padding: number; groups: number },
): Case => ({
  op: 'conv2d',
  title: `conv2d ${channels} to ${out}, ${size} pixels, ${JSON.stringify(attributes)}`,
  attributes,
  inputs: [image(channels, size)],
  parameters: {
    weight: { shape: [out, channels / attributes.groups, attributes.kernel, attributes.kernel] },
  },
})
const vector = (...shape: number[]) => ({ shape })
const batchNorm = (shape: number[], title: string): Case => ({
  op: 'batchNorm',
  title: `batchNorm, ${title}`,
  attributes: { epsilon: 1e-5, momentum: 0.1 },
  inputs: [{ shape, base: 3 }],
  parameters: {
    weight: { shape: [shape[1]!], base: 1, spread: 0.5 },
    bias: { shape: [shape[1]!] },
    running_mean: { shape: [shape[1]!] },
    running_var: { shape: [shape[1]!], base: 1, spread: 0.5 },
    num_batches_tracked: { shape: [], spread: 0 },
  },
})

export const cases: readonly Case[] = [
  conv(5, 7, 6, { kernel: 1, stride: 1, padding: 0, groups: 1 }),
  conv(5, 7, 11, { kernel: 1, stride: 1, padding: 0, groups: 1 }),
  conv(3, 8, 9, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
  conv(3, 8, 8, { kernel: 3, stride: 2, padding: 1, groups: 1 }),
  conv(4, 6, 7, { kernel: 3, stride: 1, padding: 1, groups: 1 }),
  conv(6, 4, 8, { kernel: 1, stride: 2, padding: 0, groups: 1 }),
  conv(8, 8, 7, { kernel: 3, stride: 1, padding: 1, groups: 8 }),
  conv(8, 8, 8, { kernel: 3, stride: 2, padding: 1, groups: 8 }),
  conv(8, 8, 7, { kernel: 7, stride: 1, padding: 0, groups: 8 }),
  conv(8, 8, 6, { kernel: 3, stride: 1, padding: 1, groups: 4 }),
  conv(4, 8, 6, { kernel: 3, stride: 1, padding: 1, groups: 4 }),
  conv(8, 8, 6, { kernel: 3, stride: 1, padding: 1, groups: 2 }),
  conv(8, 8, 7, { kernel: 3, stride: 2, padding: 1, groups: 8 }),
  batchNorm([4, 5, 3, 3], 'images'),
  batchNorm([8, 5], 'vectors'),
  {
    op: 'prelu',
    title: 'prelu',
    inputs: [image(4, 5)],
    parameters: { weight: { shape: [4], base: 0.5, spread: 1.5 } },
  },
  { op: 'add', title: 'add', inputs: [image(4, 5), image(4, 5)] },
  { op: 'flatten', title: 'flatten', inputs: [image(4, 5)] },
  {
    op: 'linear',
    title: 'linear',
    attributes: { bias: false },
    inputs: [vector(4, 6)],
    parameters: { weight: vector(5, 6) },
  },
  {
    op: 'linear',
    title: 'linear with a bias',
    attributes: { bias: true },
    inputs: [vector(4, 6)],
    parameters: { weight: vector(5, 6), bias: vector(5) },
  },
  { op: 'l2Normalize', title: 'l2Normalize', inputs: [vector(4, 6)] },
  { op: 'l2Norm', title: 'l2Norm', inputs: [vector(4, 6)] },
  { op: 'matmul', title: 'matmul', inputs: [vector(4, 6), vector(5, 6)] },
  {
    op: 'clip',
    title: 'clip, inside and outside',
    attributes: { minimum: -0.5, maximum: 0.5 },
    inputs: [vector(9, 7)],
  },
  { op: 'acos', title: 'acos', inputs: [{ shape: [5, 6], spread: 0.9 }] },
  { op: 'cos', title: 'cos', inputs: [{ shape: [5, 6], base: 1.5, spread: 1.5 }] },
  { op: 'scale', title: 'scale', attributes: { factor: 1.5, offset: -0.25 }, inputs: [vector(4, 6)] },
  {
    op: 'selectAbove',
    title: 'selectAbove',
    attributes: { threshold: 0.1 },
    inputs: [vector(9, 1), vector(9, 1), vector(9, 1)],
  },
  {
    op: 'filterOthers',
    title: 'filterOthers',
    attributes: { threshold: 0.2 },
    inputs: [vector(5, 7)],
    classes: 7,
  },
  { op: 'selectLabel', title: 'selectLabel', inputs: [vector(5, 7)], classes: 7 },
  { op: 'replaceLabel', title: 'replaceLabel', inputs: [vector(5, 7), vector(5, 1)], classes: 7 },
  {
    op: 'standardize',
    title: 'standardize, the batch without weight in the statistics',
    attributes: { momentum: 0, epsilon: 1e-3 },
    inputs: [vector(6, 1)],
    parameters: { mean: { shape: [1] }, deviation: { shape: [1], base: 2 } },
  },
  {
    op: 'softmaxCrossEntropy',
    title: 'softmaxCrossEntropy',
    inputs: [{ shape: [5, 7], spread: 4 }],
    classes: 7,
  },
]

/** The node of a case, with its parameters as `node.*`; it reads `input0` and on, then `labels`. */
export function nodeOf({ op, attributes = {}, inputs, parameters = {}, classes }: Case): Node {
  const names = inputs.map((_, index) => `input${index}`)
  return {
    ...{ name: 'node', op, attributes },
    inputs: classes === undefined ? names : [...names, 'labels'],
    parameters: Object.entries(parameters).map(([name, { shape }]) => ({ name: `node.${name}`, shape })),
  } as unknown as Node
}

/** Ops that have no derivative of their own: a parameter is its value, the others give none by their definitions. */
export const WITHOUT_DERIVATIVE: readonly string[] = ['detach', 'parameter', 'straightThrough']
