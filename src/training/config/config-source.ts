/** Keys and values as a config file has them, before they are checked. */
export interface ConfigSource {
  values: Record<string, unknown>
  /** `configs/umd.yaml: line 7`: where the key stands, or the nearest above it; the file alone where it has none. */
  placeOf(key: readonly PropertyKey[]): string
  /** Keys that only say what upstream says by default: nothing is asked for by them. */
  isDefault(key: string): boolean
}

/** Whether a value is keys and values itself. */
export function isKeyed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
