import { expect } from 'vitest'
import { elementCount } from '../../src/network/index.js'
import type { Case } from './kernel-cases.js'
import { hashed, hashedValues } from './reference.js'

/** Everything of a case that has a derivative, as its engine is given it: row-major, in PyTorch's layout. */
export interface Floats {
  shape: number[]
  values: Float32Array
}

export function floatsOf({ inputs, parameters = {} }: Case): Map<string, Floats> {
  const specs = [
    ...inputs.map((input, index) => [`input${index}`, input] as const),
    ...Object.entries(parameters).map(([name, parameter]) => [`node.${name}`, parameter] as const),
  ]
  return new Map(
    specs.map(([name, { shape, base = 0, spread = 1 }], salt) => [
      name,
      { shape, values: hashedValues({ shape, base, spread }, salt) },
    ]),
  )
}

export function labelsOf({ inputs, classes = 1 }: Case): Int32Array {
  return Int32Array.from(hashed(inputs[0]!.shape[0]!, 91), (value) => value % classes)
}

/** By which the elements of the output are multiplied before they are added up. */
export function weightsOf(shape: readonly number[]): Float32Array {
  return hashedValues({ shape, base: 0, spread: 1 }, 90)
}

/** A node on an engine: its output, and the gradients of the output's weighted sum. */
export interface NodeProgram {
  outputShape: readonly number[]
  /** Names of the floats that have a gradient. */
  names: readonly string[]
  run(values: (name: string) => Float32Array): Promise<{
    output: Float32Array
    gradient(name: string): Float32Array
  }>
}

const STEP = 1e-2

/** The gradients along a direction against two forward passes. */
export async function compareWithDifferences(
  test: Case,
  { outputShape, names, run }: NodeProgram,
): Promise<void> {
  const floats = floatsOf(test)
  const weights = weightsOf(outputShape)
  const original = (name: string) => floats.get(name)!.values
  const { gradient: gradientOf } = await run(original)
  for (const name of names) {
    const { shape, values } = floats.get(name)!
    const gradient = gradientOf(name)
    expect(gradient.length, name).toBe(elementCount(shape))
    const direction = directionAwayFromKinks(test, hashedValues({ shape, base: 0, spread: 1 }, 92), values)
    const moved = async (step: number) => {
      const shifted = values.map((value, i) => value + step * direction[i]!)
      const { output } = await run((other) => (other === name ? shifted : original(other)))
      return output.reduce((sum, value, i) => sum + value * weights[i]!, 0)
    }
    const numerical = ((await moved(STEP)) - (await moved(-STEP))) / (2 * STEP)
    const analytical = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0)
    expect(Math.abs(analytical - numerical), name).toBeLessThan(1e-2 * Math.abs(numerical) + 1e-4)
  }
}

/** Ops with a kink are not moved over it: elements nearer than the step stay. */
function directionAwayFromKinks(
  { op, attributes }: Case,
  direction: Float32Array,
  values: Float32Array,
): Float32Array {
  const limits = (attributes ?? {}) as { minimum?: number; maximum?: number; threshold?: number }
  const kinks =
    op === 'prelu'
      ? [0]
      : [limits.minimum, limits.maximum, limits.threshold].filter((kink) => kink !== undefined)
  return direction.map((value, i) =>
    kinks.some((kink) => Math.abs(values[i]! - kink) <= 2 * STEP) ? 0 : value,
  )
}
