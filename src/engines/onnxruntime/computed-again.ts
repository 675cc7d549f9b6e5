import { elementCount } from '../../network/index.js'
import type { Value } from './graph.js'
import type { ForwardResult } from './kernel.js'

/**
 * What a step may keep of its forward pass, in bytes, as long as some of it can be computed again. The runtime takes
 * memory for a session in pieces up to 1 GiB: `mbf` at batch 64 keeps 2.1 GB and had 3.3 GB of it, with this limit
 * 2.3 GB, and took 3 to 5 % more time (AVX2).
 */
export const KEPT_BYTES = 1.5e9

/**
 * For the way back: a value that was kept, or what is computed in its place, once, however many read it. The largest are
 * computed again, and no more than it takes to be below the limit.
 */
export function computedAgain(steps: readonly ForwardResult[], limit: number): (value: Value) => Value {
  const saved = new Map(steps.flatMap((step) => step.saved.map((value) => [value.name, value])))
  let kept = 0
  for (const value of saved.values()) kept += bytesOf(value)
  const computed = new Map<string, Value>()
  const candidates = steps.filter(({ output, again }) => again !== undefined && saved.has(output.name))
  for (const { output, again } of candidates.sort((a, b) => bytesOf(b.output) - bytesOf(a.output))) {
    if (kept <= limit) break
    computed.set(output.name, again!())
    kept -= bytesOf(output)
  }
  return (value) => computed.get(value.name) ?? value
}

function bytesOf({ shape }: Value): number {
  return elementCount(shape) * Float32Array.BYTES_PER_ELEMENT
}
