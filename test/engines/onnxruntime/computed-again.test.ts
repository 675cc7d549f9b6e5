import { describe, expect, it } from 'vitest'
import { computedAgain } from '../../../src/engines/onnxruntime/computed-again.js'
import type { ForwardResult } from '../../../src/engines/onnxruntime/kernel.js'

/** A step of which the next keeps the output, of so many bytes. */
function stepsOf(sizes: Record<string, number>, again: readonly string[]): ForwardResult[] {
  const values = Object.entries(sizes).map(([name, bytes]) => ({ name, shape: [bytes / 4] }))
  return values.map((output, index) => ({
    ...{ output, saved: index === 0 ? [] : [values[index - 1]!] },
    again: again.includes(output.name) ? () => ({ ...output, name: `${output.name} again` }) : undefined,
  }))
}

describe('values that are computed again', () => {
  const sizes = { small: 40, large: 400, fixed: 4000, middle: 80, last: 8 }
  const names = (limit: number) => {
    const atHand = computedAgain(stepsOf(sizes, ['small', 'large', 'middle', 'last']), limit)
    return Object.keys(sizes).map((name) => atHand({ name, shape: [1] }).name)
  }

  it('are none below the limit', () => {
    expect(names(4520)).toEqual(['small', 'large', 'fixed', 'middle', 'last'])
  })

  it('are the largest, as many as it takes', () => {
    expect(names(4519)).toEqual(['small', 'large again', 'fixed', 'middle', 'last'])
    expect(names(4119)).toEqual(['small', 'large again', 'fixed', 'middle again', 'last'])
  })

  it('are those alone that can be and are kept', () => {
    expect(names(0)).toEqual(['small again', 'large again', 'fixed', 'middle again', 'last'])
  })
})
