import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import { Graph } from './graph.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'

/** A float32 tensor that is read now and then. */
export interface ReadTensor {
  name: string
  shape: readonly number[]
}

/**
 * Reads tensors back from the memory of a device, by a graph that hands each on as it is: the runtime's own way
 * (1.30), `getData()`, ends the process.
 */
export class DeviceReader {
  readonly #entries: readonly ReadTensor[]
  readonly #runtime: RuntimeOptions
  #session: InferenceSession | undefined

  constructor(entries: readonly ReadTensor[], runtime: RuntimeOptions) {
    this.#entries = entries
    this.#runtime = runtime
  }

  /** The tensors of every entry in the memory of the process; those that are there already come back themselves. */
  async read(tensors: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
    const onDevice = [...tensors].filter(([, { location }]) => location === 'gpu-buffer')
    if (onDevice.length === 0) return new Map(tensors)
    this.#session ??= await createRuntimeSession(handOn(this.#entries), this.#runtime)
    const feeds = Object.fromEntries(tensors)
    const results = await this.#session.run(
      feeds,
      onDevice.map(([name]) => READ + name),
    )
    return new Map([...tensors].map(([name, tensor]) => [name, (results[READ + name] ?? tensor) as Tensor]))
  }

  async release(): Promise<void> {
    await this.#session?.release()
    this.#session = undefined
  }
}

const READ = 'read.'

function handOn(entries: readonly ReadTensor[]): OnnxModel {
  const graph = new Graph()
  for (const { name, shape } of entries) graph.output(READ + name, graph.input(name, 'float32', shape))
  return graph.toModel('device_reader')
}
