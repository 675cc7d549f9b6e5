import { InputError } from '../../errors/index.js'
import { iresnets, mobilefacenets } from '../../network/index.js'
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
  if (tensors.entries.has('layer1.0.conv1.weight')) return iresnetOf(tensors)
  const first = tensors.entries.keys().next().value
  throw new InputError({
    file: tensors.path,
    problem: 'its tensors have the names of no known backbone',
    expected: `those of arcface_torch's ${[...Object.keys(mobilefacenets), ...Object.keys(iresnets)].join(', ')}`,
    actual: first === undefined ? 'no tensors' : `first '${first}'`,
  })
}

/** As the `network` key of a config: `mbf`, `{"name":"mbf","blocks":[1,2,2,1],"scale":1}`. */
export function describeNetwork({ network }: WeightsNetwork): string {
  return typeof network === 'string' ? network : JSON.stringify(network)
}

type Counts = [number, number, number, number]

function mobilefacenetOf(tensors: NamedTensors): WeightsNetwork {
  const narrow = lengthOf(tensors, 'layers.0.layers.0.weight', 0)
  // A first level of one block is a convolution, of more a row of residual blocks.
  const isPlain = tensors.entries.has('layers.1.layers.0.weight')
  const count = (level: number) =>
    countBlocks(tensors, (block) => `layers.${level}.layers.${block}.layers.0.layers.0.weight`)
  const blocks: Counts = [isPlain ? 1 : count(1), count(3), count(5), count(7)]
  const scale = Math.max(1, Math.round(narrow / 64))
  const named = nameOf(
    mobilefacenets,
    (shape) => shape.scale === scale && String(shape.blocks) === String(blocks),
  )
  return {
    network: named ?? { name: 'mbf', blocks, scale },
    embedding_size: lengthOf(tensors, 'features.layers.2.weight', 0),
    imageSize: 16 * lengthOf(tensors, 'features.layers.0.layers.0.weight', 2),
  }
}

function iresnetOf(tensors: NamedTensors): WeightsNetwork {
  const count = (level: number) => {
    lengthOf(tensors, `layer${level}.0.conv1.weight`, 0)
    return countBlocks(tensors, (block) => `layer${level}.${block}.conv1.weight`)
  }
  const layers: Counts = [count(1), count(2), count(3), count(4)]
  const named = nameOf(iresnets, (shape) => String(shape.layers) === String(layers))
  // The last image has 512 channels and a sixteenth of the side.
  const pixels = lengthOf(tensors, 'fc.weight', 1) / 512
  return {
    network: named ?? { name: 'r18', layers },
    embedding_size: lengthOf(tensors, 'fc.weight', 0),
    imageSize: 16 * Math.max(1, Math.round(Math.sqrt(pixels))),
  }
}

function nameOf<Name extends string, Shape>(
  networks: Readonly<Record<Name, Shape>>,
  isIt: (shape: Shape) => boolean,
): Name | undefined {
  return (Object.keys(networks) as Name[]).find((name) => isIt(networks[name]))
}

function countBlocks({ entries }: NamedTensors, nameOfFirst: (block: number) => string): number {
  let count = 0
  while (entries.has(nameOfFirst(count))) count++
  return count
}

/** Length of an axis of a tensor that the network cannot be without. */
function lengthOf({ entries, path }: NamedTensors, name: string, axis: number): number {
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
