import { describe, expect, it } from 'vitest'
import { initialValues, type ParameterSpec } from '../../src/network/index.js'

const weight: ParameterSpec = { name: 'w', shape: [200, 50], role: 'trained', initial: { deviation: 0.01 } }

describe('initial values', () => {
  it('are normal around 0 with the deviation', () => {
    const values = initialValues(weight, 3, 0)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
    expect(Math.abs(mean)).toBeLessThan(4e-4)
    expect(deviation / 0.01).toBeCloseTo(1, 1)
    const beyond = values.filter((value) => Math.abs(value) > 0.02).length / values.length
    expect(beyond).toBeGreaterThan(0.035)
    expect(beyond).toBeLessThan(0.056)
  })

  it('come from a stream for each seed and position', () => {
    expect(initialValues(weight, 3, 0)).toEqual(initialValues(weight, 3, 0))
    expect(initialValues(weight, 3, 1)).not.toEqual(initialValues(weight, 3, 0))
    expect(initialValues(weight, 4, 0)).not.toEqual(initialValues(weight, 3, 0))
  })

  it('are spread evenly up to the bound', () => {
    const values = initialValues({ ...weight, initial: { bound: 0.02 } }, 3, 0)
    expect(Math.max(...values)).toBeGreaterThan(0.0199)
    expect(Math.min(...values)).toBeLessThan(-0.0199)
    expect(values.every((value) => Math.abs(value) <= Math.fround(0.02))).toBe(true)
    const inner = values.filter((value) => Math.abs(value) < 0.01).length / values.length
    expect(inner).toBeCloseTo(0.5, 1)
  })

  it('are the constant where there is one', () => {
    const slopes = initialValues({ ...weight, shape: [3], initial: { constant: 0.25 } }, 3, 0)
    expect([...slopes]).toEqual([0.25, 0.25, 0.25])
  })
})
