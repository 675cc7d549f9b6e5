import type { z } from 'zod'

const KINDS: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'keys and values',
}

/** What a value should have been, for zod's `error`: where the schema has no words of its own for it. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${KINDS[issue.expected] ?? issue.expected}`
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unit(issue.origin)}`
    case 'too_big':
      return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unit(issue.origin)}`
    case 'invalid_value':
      return expectedOf(issue.values)
    case 'unrecognized_keys':
      return `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`
    default:
      return undefined
  }
}

export function expectedOf(values: readonly unknown[]): string {
  return `expected ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`
}

/**
 * `expected one of cover, contain, fill, found 'round'`. A text that was found is whole and as it is, so that one who
 * must not show it finds it.
 */
export function describeIssue({ message, path }: z.core.$ZodIssue, values: unknown): string {
  const found = path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    values,
  )
  // Words of the schema itself say all, unless they only say what is expected.
  return found === undefined || !message.startsWith('expected ')
    ? message
    : `${message}, found ${shown(found)}`
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'keys and values' : String(value)
}

function unit(origin: string): string {
  return origin === 'array' ? ' items' : ''
}
