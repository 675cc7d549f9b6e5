import { extname } from 'node:path'
import { InputError } from '../../errors/index.js'
import { PytorchFile, StateDict } from '../../pytorch/index.js'
import { SafetensorsFile } from '../../safetensors/index.js'
import type { IdentityNames } from '../checkpoints/identity-names.js'
import { type NamedTensors, unwrapped } from './named-tensors.js'

/** Suffixes of files that hold weights by name. */
export const WEIGHTS_SUFFIXES: readonly string[] = ['.pt', '.pth', '.safetensors']

/** Keys of upstream's `checkpoint_gpu_N.pt`. Source: arcface_torch, train_v2.py. */
const BACKBONE = 'state_dict_backbone'
const HEAD = 'state_dict_softmax_fc'

/** Keys that an error names. */
const NAMED_KEYS = 8

/** An open file of weights. */
export interface WeightsFile {
  backbone: NamedTensors
  /** Class centres: `weight` [classes, embedding size] of a checkpoint; of the first GPU's classes alone where it was one of several. */
  head: NamedTensors | undefined
  /** Names of the classes, where the source tells them. */
  names?: IdentityNames
  close(): Promise<void>
}

/** Whether a path is one of a file of weights, by its suffix. */
export function isWeightsFile(path: string): boolean {
  return WEIGHTS_SUFFIXES.includes(extname(path).toLowerCase())
}

/**
 * Opens weights of a backbone: safetensors, upstream's `model.pt` (a state_dict) or `checkpoint_gpu_N.pt`, by suffix.
 * @throws InputError for a file that is none of these
 */
export async function openWeights(path: string): Promise<WeightsFile> {
  if (extname(path).toLowerCase() === '.safetensors') {
    const file = await SafetensorsFile.open(path)
    return { backbone: unwrapped(file), head: undefined, close: () => file.close() }
  }
  const file = await PytorchFile.open(path)
  try {
    const { backbone, head } = statesOf(file)
    return { backbone: unwrapped(backbone), head, close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

function statesOf(file: PytorchFile): { backbone: NamedTensors; head: NamedTensors | undefined } {
  const { value } = file
  const alone = StateDict.of(file, value)
  if (alone !== undefined && alone.entries.size > 0) return { backbone: alone, head: undefined }
  const backbone = value instanceof Map ? StateDict.of(file, value.get(BACKBONE)) : undefined
  if (value instanceof Map && backbone !== undefined) {
    return { backbone, head: StateDict.of(file, value.get(HEAD)) }
  }
  throw new InputError({
    file: file.path,
    problem: 'holds no weights of a backbone',
    expected: `a state_dict, or a checkpoint with ${BACKBONE}`,
    actual: describe(value),
    fix: "Write the state_dict alone: torch.save(model.state_dict(), 'model.pt')",
  })
}

function describe(value: PytorchFile['value']): string {
  if (!(value instanceof Map)) return Array.isArray(value) ? 'a list' : 'no dict'
  const keys = [...value.keys()].filter((key) => typeof key === 'string')
  const rest = value.size > NAMED_KEYS ? ` and ${value.size - NAMED_KEYS} more` : ''
  const named = keys.slice(0, NAMED_KEYS).map((key) => JSON.stringify(key.slice(0, 64)))
  return `a dict with ${named.length === 0 ? 'no names' : named.join(', ')}${rest}`
}
