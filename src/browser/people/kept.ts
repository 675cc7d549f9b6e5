/** What is made once; the one that was asked for last stands behind. What failed may succeed another time. */
export function keptIn<Key, Value>(
  kept: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = kept.get(key)
  kept.delete(key)
  const value = known ?? make()
  kept.set(key, value)
  if (known === undefined) value.catch(() => kept.delete(key))
  return value
}

/** Forgets the one that was asked for the longest ago, where there are more than `most`. */
export function keepAtMost<Key>(kept: Map<Key, unknown>, most: number): void {
  if (kept.size > most) kept.delete(kept.keys().next().value!)
}
