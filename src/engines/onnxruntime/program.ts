import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { OnnxModel } from '../../onnx/index.js'
import { DeviceReader } from './device-reader.js'
import { createRuntimeSession, type RuntimeOptions } from './runtime.js'

/**
 * A graph that a device with memory of its own works through while this thread does something else: the runtime's `run`
 * waits for the device only where a result comes back, so at first none does. What this thread needs is read after.
 */
export class Program {
  readonly #session: InferenceSession
  readonly #comingBack: ReadonlySet<string>
  readonly #reader: DeviceReader

  private constructor(session: InferenceSession, comingBack: ReadonlySet<string>, reader: DeviceReader) {
    this.#session = session
    this.#comingBack = comingBack
    this.#reader = reader
  }

  /** `stays` says of an output, by its name, whether it is left on the device. Outputs are float32. */
  static async create(
    model: OnnxModel,
    runtime: RuntimeOptions,
    stays: (output: string) => boolean,
  ): Promise<Program> {
    const comingBack = model.outputs.filter(({ name }) => !stays(name))
    const staying = model.outputs.map(({ name }) => name)
    return new Program(
      await createRuntimeSession(model, { ...runtime, staying }),
      new Set(comingBack.map(({ name }) => name)),
      new DeviceReader(
        comingBack.map(({ name, shape }) => ({ name, shape: shape as number[] })),
        runtime,
      ),
    )
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames
  }

  /** `meanwhile` is called when the device has its work; where there is none, when that is done. */
  async run(
    feeds: Readonly<Record<string, Tensor>>,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<Record<string, Tensor>> {
    const results = (await this.#session.run(feeds)) as Record<string, Tensor>
    await meanwhile()
    const first = new Map(Object.entries(results).filter(([name]) => this.#comingBack.has(name)))
    const read = await this.#reader.read(first)
    for (const [name, tensor] of first) if (read.get(name) !== tensor) tensor.dispose()
    return { ...results, ...Object.fromEntries(read) }
  }

  async release(): Promise<void> {
    await this.#session.release()
    await this.#reader.release()
  }
}
