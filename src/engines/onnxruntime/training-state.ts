import { Tensor } from 'onnxruntime-node'
import { fillInitialValues, initialValues } from '../../network/index.js'
import { ACCUMULATED_GRADIENT, type StateEntry, stateLayout } from '../state-layout.js'
import type { State, TrainingOptions } from '../training-session.js'
import { UpdateCounts } from '../update-counts.js'
import { DeviceReader } from './device-reader.js'
import type { Execution } from './execution.js'
import { RowTable } from './row-table.js'
import type { RuntimeOptions } from './runtime.js'

/**
 * The state of a run on its way from step to step: results of the last step, which are fed to the next one as they
 * are. Where a step works with some of the class centres, what there is of every class lies in tables, of which a
 * step sees the rows of its `centres`, unless the device has room for all.
 */
export class TrainingState {
  /** What no graph keeps. */
  readonly counts: UpdateCounts
  readonly #layout: readonly StateEntry[]
  readonly #tensors = new Map<string, Tensor>()
  readonly #tables = new Map<string, RowTable>()
  readonly #reader: DeviceReader

  /** As it is before the first step. */
  constructor(options: TrainingOptions, runtime: RuntimeOptions, { centresOnDevice }: Execution) {
    this.#layout = stateLayout(options)
    this.counts = new UpdateCounts(this.#layout)
    this.#layout.forEach(({ name, parameter, kind }, position) => {
      if (kind === 'count') return
      if (options.sampledCentres !== undefined && parameter.perClass && !centresOnDevice) {
        const fill = (values: Float32Array) => fillInitialValues(values, parameter, options.seed, position)
        this.#tables.set(name, new RowTable(parameter.shape, kind === 'slot' ? undefined : fill))
        return
      }
      const values = initialValues(parameter, options.seed, position)
      this.#tensors.set(name, new Tensor('float32', values, parameter.shape))
    })
    const read = this.#layout.filter(({ name }) => this.#tensors.has(name))
    this.#reader = new DeviceReader(
      read.map(({ name, parameter }) => ({ name, shape: parameter.shape })),
      runtime,
    )
  }

  get(name: string, centres?: Int32Array): Tensor {
    const table = this.#tables.get(name)
    return table === undefined ? this.#tensors.get(name)! : table.gather(centres!)
  }

  /** Takes the tensor over and frees the one before it. */
  set(name: string, tensor: Tensor, centres?: Int32Array): void {
    const table = this.#tables.get(name)
    if (table !== undefined) {
      table.scatter(centres!, tensor)
      return
    }
    this.#tensors.get(name)!.dispose()
    this.#tensors.set(name, tensor)
  }

  /** Accumulated gradients become zeros again. */
  clearAccumulated(centres?: Int32Array): void {
    for (const name of [...this.#tensors.keys(), ...this.#tables.keys()]) {
      if (!name.endsWith(`.${ACCUMULATED_GRADIENT}`)) continue
      const { dims, size } = this.get(name, centres)
      this.set(name, new Tensor('float32', new Float32Array(size), dims), centres)
    }
  }

  load(state: State): void {
    for (const [name, { shape, data }] of state) {
      const table = this.#tables.get(name)
      if (this.counts.has(name)) this.counts.set(name, data[0]!)
      else if (table !== undefined) table.load(data)
      else this.set(name, new Tensor('float32', ownMemory(data), shape))
    }
  }

  /** Shares memory with the run; the copy is made on the way out of the thread, but for what threads share. */
  async share(): Promise<State> {
    const tensors = await this.#reader.read(this.#tensors)
    const valuesOf = (name: string): Float32Array => {
      if (this.counts.has(name)) return Float32Array.of(this.counts.get(name))
      return this.#tables.get(name)?.values ?? (tensors.get(name)!.data as Float32Array)
    }
    return new Map(
      this.#layout.map(({ name, parameter }) => [
        name,
        { shape: [...parameter.shape], data: valuesOf(name) },
      ]),
    )
  }

  async release(): Promise<void> {
    for (const tensor of this.#tensors.values()) tensor.dispose()
    await this.#reader.release()
  }
}

/** onnxruntime takes no memory that threads share. */
function ownMemory(data: Float32Array): Float32Array {
  return data.buffer instanceof SharedArrayBuffer ? new Float32Array(data) : data
}
