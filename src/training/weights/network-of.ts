import { InputError } from '../../errors/index.js'
import { mobilefacenets } from '../../network/index.js'
import type { TrainingConfig } from '../config/index.js'
import type { NamedTensors } from './named-tensors.js'

/** What the names and shapes of weights tell about the network that they are of. */
export interface WeightsNetwork {
  network: TrainingConfig['network']
  embedding_size: number
  /** Side of the square image in pixels. */
  imageSize: number
}

/** The network that has these tensors, before they are compared one by one. @throws InputError where none has */
export function networkOf(tensors: NamedTensors): WeightsNetwork {
  if (tensors.entries.has('conv_sep.layers.0.weight')) return mobilefacenetOf(tensors)
  const first = tensors.entries.keys().next().value
  throw new InputError({
    file: tensors.path,
    problem: 'its tensors have the names of no known backbone',
    expected: "those of arcface_torch's mbf",
    actual: first === undefined ? 'no tensors' : `first '${first}'`,
  })
}

/** As the `network` key of a config: `mbf`, `{"name":"mbf","blocks":[1,2,2,1],"scale":1}`. */
export function describeNetwork({ network }: WeightsNetwork): string {
  return typeof network === 'string' ? network : JSON.stringify(network)
}

function mobilefacenetOf(tensors: NamedTensors): WeightsNetwork {
  const narrow = length(tensors, 'layers.0.layers.0.weight', 0)
  // A first level of one block is a convolution, of more a row of residual blocks.
  const isPlain = tensors.entries.has('layers.1.layers.0.weight')
  const blocks: [number, number, number, number] = [
    isPlain ? 1 : countBlocks(tensors, 'layers.1'),
    countBlocks(tensors, 'layers.3'),
    countBlocks(tensors, 'layers.5'),
    countBlocks(tensors, 'layers.7'),
  ]
  const scale = Math.max(1, Math.round(narrow / 64))
  const named = Object.entries(mobilefacenets).find(
    ([, options]) =>
      options.scale === scale && options.blocks.every((count, level) => count === blocks[level]),
  )
  return {
    network: (named?.[0] as keyof typeof mobilefacenets | undefined) ?? { name: 'mbf', blocks, scale },
    embedding_size: length(tensors, 'features.layers.2.weight', 0),
    imageSize: 16 * length(tensors, 'features.layers.0.layers.0.weight', 2),
  }
}

function countBlocks({ entries }: NamedTensors, level: string): number {
  let count = 0
  while (entries.has(`${level}.layers.${count}.layers.0.layers.0.weight`)) count++
  return count
}

/** Length of an axis of a tensor that the network cannot be without. */
function length({ entries, path }: NamedTensors, name: string, axis: number): number {
  const shape = entries.get(name)?.shape
  if (shape === undefined) throw new InputError({ file: path, problem: `has no tensor '${name}'` })
  const found = shape[axis]
  if (found !== undefined && found > 0) return found
  throw new InputError({
    file: path,
    problem: `tensor '${name}' has a shape that fits no network`,
    actual: `[${shape.join(', ')}]`,
  })
}
