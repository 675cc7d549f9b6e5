import type { Dtype, Tensor } from '../../safetensors/index.js'

/** Tensors of a file by name, read one at a time: a SafetensorsFile, or a StateDict of PyTorch. */
export interface NamedTensors {
  readonly path: string
  readonly entries: ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>
  /** @throws InputError */
  read(name: string): Promise<Tensor>
}

/** What DistributedDataParallel and DataParallel put before every name. */
const WRAPPER = 'module.'

/** The same tensors under the names that they have outside a parallel wrapper. */
export function unwrapped(tensors: NamedTensors): NamedTensors {
  const names = [...tensors.entries.keys()]
  if (names.length === 0 || !names.every((name) => name.startsWith(WRAPPER))) return tensors
  return {
    path: tensors.path,
    entries: new Map([...tensors.entries].map(([name, entry]) => [name.slice(WRAPPER.length), entry])),
    read: (name) => tensors.read(WRAPPER + name),
  }
}
