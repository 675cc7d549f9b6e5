/** A JSON value as Python writes it. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return pythonString(value)
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  const entries = Object.entries(value as Record<string, unknown>)
  return `{${entries.map(([key, inner]) => `${pythonString(key)}: ${pythonLiteral(inner)}`).join(', ')}}`
}

/** JSON's escapes are Python's too, but for characters above U+FFFF, which stay as they are. */
function pythonString(text: string): string {
  return JSON.stringify(text)
}
