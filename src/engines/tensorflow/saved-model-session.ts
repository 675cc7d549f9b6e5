import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FacedataError } from '../../errors/index.js'
import { AtomicFile } from '../../io/index.js'
import type { TensorflowBinding } from './binding.js'
import {
  DataTypes,
  encodeSavedModel,
  SAVED_MODEL_FILE,
  type SavedModel,
  type Signature,
  TAG,
} from './saved-model/index.js'

/** Elements in row-major order, of the type and shape that the signature says. */
export type Elements = Float32Array | Int32Array | Uint8Array

/** A session of TensorFlow on a graph that was written here: its variables keep their values between runs. */
export class SavedModelSession {
  readonly #binding: TensorflowBinding
  readonly #signatures: ReadonlyMap<string, Signature>
  readonly #session: number

  private constructor(
    binding: TensorflowBinding,
    signatures: ReadonlyMap<string, Signature>,
    session: number,
  ) {
    this.#binding = binding
    this.#signatures = signatures
    this.#session = session
  }

  /** Writes the model into a folder of its own, which is gone when this returns. @throws FacedataError in TensorFlow's words */
  static async create(binding: TensorflowBinding, model: SavedModel): Promise<SavedModelSession> {
    const folder = await mkdtemp(join(tmpdir(), 'facedata-graph-'))
    try {
      const file = await AtomicFile.create(join(folder, SAVED_MODEL_FILE))
      await file.write(...encodeSavedModel(model))
      await file.commit()
      const session = inWords('cannot load the graph', () => binding.loadSavedModel(folder, TAG))
      return new SavedModelSession(binding, model.signatures, session)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  /**
   * Runs a function of the graph and blocks while it does. `outputs` are those wanted; only the inputs that they need
   * must be given. A size of -1 in an input's shape is found from its length.
   */
  run<Output extends string>(
    signature: string,
    inputs: Readonly<Record<string, Elements>>,
    outputs: readonly Output[],
  ): Record<Output, Elements> {
    const { inputs: inputInfos, outputs: outputInfos } = this.#signatures.get(signature)!
    const names = Object.keys(inputs).map((name) => inputInfos.get(name)!.name)
    const fetched = outputs.map((name) => outputInfos.get(name)!.name)
    const tensors: number[] = []
    try {
      for (const [name, elements] of Object.entries(inputs)) {
        const { shape, type } = inputInfos.get(name)!
        tensors.push(
          this.#binding.createTensor(knownShape(shape, elements.length), DataTypes[type], elements),
        )
      }
      const results = inWords('failed', () =>
        this.#binding.runSavedModel(this.#session, tensors, names.join(), fetched.join()),
      )
      return Object.fromEntries(results.map(({ id }, index) => [outputs[index]!, this.#take(id)])) as Record<
        Output,
        Elements
      >
    } finally {
      for (const tensor of tensors) this.#binding.deleteTensor(tensor)
    }
  }

  close(): void {
    this.#binding.deleteSavedModel(this.#session)
  }

  #take(tensor: number): Elements {
    const elements = this.#binding.tensorDataSync(tensor)
    this.#binding.deleteTensor(tensor)
    return elements
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
