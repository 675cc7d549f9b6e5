import type { State, StateTensor } from '../../engines/index.js'
import { InputError } from '../../errors/index.js'
import { SafetensorsFile, type Tensor, writeSafetensors } from '../../safetensors/index.js'

/** The part of a state that one file holds. */
export type StatePart = 'backbone' | 'head' | 'optimizer'

/** PyTorch counts batches in int64; the rest of a state is float32. */
const COUNTER = /(^|\.)num_batches_tracked$/

/**
 * Writes the tensors of one part under their names without the part's prefix: `backbone.safetensors` then has the
 * names, shapes and types of upstream's `state_dict`.
 */
export async function writeStatePart(
  sink: Parameters<typeof writeSafetensors>[0],
  part: StatePart,
  state: State,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const prefix = `${part}.`
  const tensors = new Map<string, Tensor>()
  for (const [name, { shape, data }] of state) {
    if (!name.startsWith(prefix)) continue
    tensors.set(
      name.slice(prefix.length),
      COUNTER.test(name)
        ? { dtype: 'I64', shape, data: BigInt64Array.from(data, BigInt) }
        : { dtype: 'F32', shape, data },
    )
  }
  await writeSafetensors(sink, tensors, metadata)
}

/**
 * Reads what `writeStatePart` wrote, names with their prefix again: into memory that threads share, so that a training
 * session need not copy the centres of many classes. @throws InputError
 */
export async function readStatePart(
  path: string,
  part: StatePart,
): Promise<{ state: State; metadata: ReadonlyMap<string, string> }> {
  const file = await SafetensorsFile.open(path)
  try {
    const state: State = new Map()
    for (const name of file.entries.keys())
      state.set(`${part}.${name}`, stateTensor(await file.read(name, { shared: true }), name, path))
    return { state, metadata: file.metadata }
  } finally {
    await file.close()
  }
}

function stateTensor({ dtype, shape, data }: Tensor, name: string, file: string): StateTensor {
  if (dtype === 'F32' && data instanceof Float32Array) return { shape, data }
  if (COUNTER.test(name) && data instanceof BigInt64Array)
    return { shape, data: Float32Array.from(data, Number) }
  throw new InputError({ file, problem: `tensor '${name}' has another type`, expected: 'F32', actual: dtype })
}
