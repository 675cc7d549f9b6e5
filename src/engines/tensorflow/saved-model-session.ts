import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FacedataError } from '../../errors/index.js'
import { AtomicFile } from '../../io/index.js'
import type { TensorData, TensorFlowBinding } from './addon/binding.js'
import { SavedModel, type Tensor } from './addon/saved-model.js'
import {
  encodeSavedModel,
  SAVED_MODEL_FILE,
  type SavedModelContent,
  type Signature,
} from './saved-model/index.js'

/** A session of TensorFlow on a graph that was written here: its variables keep their values between runs. */
export class SavedModelSession {
  readonly #model: SavedModel
  readonly #signatures: ReadonlyMap<string, Signature>

  private constructor(model: SavedModel, signatures: ReadonlyMap<string, Signature>) {
    this.#model = model
    this.#signatures = signatures
  }

  /** Writes the model into a folder of its own, which is gone when this returns. @throws FacedataError in TensorFlow's words */
  static async create(binding: TensorFlowBinding, content: SavedModelContent): Promise<SavedModelSession> {
    const folder = await mkdtemp(join(tmpdir(), 'facedata-graph-'))
    try {
      const file = await AtomicFile.create(join(folder, SAVED_MODEL_FILE))
      await file.write(encodeSavedModel(content))
      await file.commit()
      const model = inWords('cannot load the graph', () => SavedModel.load(binding, folder))
      return new SavedModelSession(model, content.signatures)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  /**
   * Runs a function of the graph and blocks while it does. `outputs` are those wanted; only the inputs that they need
   * must be given, as elements in row-major order. A free size of an input is found from its length.
   */
  run<Output extends string>(
    signature: string,
    inputs: Readonly<Record<string, TensorData>>,
    outputs: readonly Output[],
  ): Record<Output, TensorData> {
    const { inputs: inputInfos, outputs: outputInfos } = this.#signatures.get(signature)!
    const tensors = new Map<string, Tensor>()
    for (const [key, data] of Object.entries(inputs)) {
      const { name, shape } = inputInfos.get(key)!
      tensors.set(name, { shape: knownShape(shape, data.length), data })
    }
    const names = outputs.map((output) => outputInfos.get(output)!.name)
    const results = inWords('failed', () => this.#model.run(tensors, names))
    const entries = results.map(({ data }, index) => [outputs[index]!, data])
    return Object.fromEntries(entries) as Record<Output, TensorData>
  }

  close(): void {
    this.#model.close()
  }
}

function knownShape(shape: readonly number[], length: number): number[] {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1)
  return shape.map((size) => (size === -1 ? length / known : size))
}

function inWords<Result>(what: string, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FacedataError(`tensorflow ${what}: ${reason}`, undefined, { cause: error })
  }
}
