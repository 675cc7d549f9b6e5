import { Tensor } from 'onnxruntime-node'
import type { Graph, Value } from './graph.js'

/** Inputs that name the class centres of a step: twice, as the two operators that read them take different types. */
export const GATHERED = 'centres'
const SCATTERED = 'centre_rows'

/**
 * Tensors on the device that hold every class, of which a step works with the rows of its `centres`: they are gathered
 * at its beginning and put back at its end inside the graph.
 */
export class SampledRows {
  readonly #graph: Graph
  readonly #gathered: Value
  readonly #scattered: Value
  readonly #whole = new Map<string, Value>()

  /** `count` rows a step. */
  constructor(graph: Graph, count: number) {
    this.#graph = graph
    this.#gathered = graph.input(GATHERED, 'int32', [count])
    this.#scattered = graph.input(SCATTERED, 'int64', [count, 1])
  }

  /** An input of the graph, [classes, size]; its rows of the step, [count, size]. */
  gather(name: string, [classes, size]: readonly [number, number]): Value {
    const whole = this.#graph.input(name, 'float32', [classes, size])
    this.#whole.set(name, whole)
    return this.#graph.node('Gather', [whole, this.#gathered], [this.#gathered.shape[0]!, size], { axis: 0 })
  }

  /** What was gathered under this name with new rows in their places; for another name the rows themselves. */
  scatter(name: string, rows: Value): Value {
    const whole = this.#whole.get(name)
    if (whole === undefined) return rows
    return this.#graph.node('ScatterND', [whole, this.#scattered, rows], whole.shape)
  }
}

/** What the inputs are given in a step. */
export function centreFeeds(centres: Int32Array): Record<string, Tensor> {
  return {
    [GATHERED]: new Tensor('int32', centres, [centres.length]),
    [SCATTERED]: new Tensor('int64', BigInt64Array.from(centres, BigInt), [centres.length, 1]),
  }
}
