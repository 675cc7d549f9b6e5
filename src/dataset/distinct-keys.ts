/** A value that stands twice. Sorting a copy takes less memory than a set, which also holds 2^24 values at most. */
export function firstRepeated(values: Float64Array): number | undefined {
  if (isAscending(values)) return undefined
  const sorted = values.slice().sort()
  return sorted.find((value, i) => value === sorted[i - 1])
}

export function isAscending(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! <= values[i - 1]!) return false
  return true
}
