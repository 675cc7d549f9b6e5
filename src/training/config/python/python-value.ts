/** What an expression of a config comes to. Lists and tuples are one thing, and so are int and float. */
export type PythonValue = null | boolean | number | string | PythonValue[] | PythonDict

/** A dict, or easydict's EasyDict: keys with the lines that set them. */
export class PythonDict {
  readonly entries = new Map<string, PythonEntry>()
}

export interface PythonEntry {
  /** Undefined where it could not be told. */
  value: PythonValue | undefined
  /** Line that set it. */
  line: number
}

/** The value as JSON has it. */
export function plainValue(value: PythonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(plainValue)
  if (!(value instanceof PythonDict)) return value
  return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plainValue(entry.value)]))
}

/** `a list` and so on, for errors. */
export function kindOf(value: PythonValue): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof PythonDict) return 'a dict'
  return typeof value === 'string' ? 'a string' : 'a number'
}
