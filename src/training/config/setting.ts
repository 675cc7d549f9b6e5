import { parse } from 'yaml'
import { UsageError } from '../../errors/index.js'
import { isKeyed } from './config-source.js'

/** A value from the command line or a pipeline that takes the place of the file's. */
export interface Override {
  /** How the user wrote it, for errors: `--set lr=0.2`. */
  source: string
  key: string
  value: unknown
}

/** `key=value`, the value in YAML: `lr=0.2`, `margin_list=[1, 0.5, 0]`, `network.scale=1`. @throws UsageError */
export function parseSetting(text: string): Override {
  const source = `--set ${text}`
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`${source}: expected key=value`)
  try {
    return { source, key: text.slice(0, equals).trim(), value: parse(text.slice(equals + 1)) }
  } catch (error) {
    const reason = (error as Error).message.split('\n', 1)[0]
    throw new UsageError(`${source}: the value is not YAML: ${reason}`)
  }
}

/** Puts a value where the override says. */
export function applyOverride(values: Record<string, unknown>, { key, value }: Override): void {
  setValue(values, key.split('.'), value)
}

/** The override that a key has its value from. */
export function overrideOf(
  overrides: readonly Override[],
  key: readonly PropertyKey[],
): Override | undefined {
  return overrides.findLast((override) => isPrefix(override.key.split('.'), key))
}

function setValue(values: Record<string, unknown>, key: string[], value: unknown): void {
  const [first, ...rest] = key
  if (rest.length === 0) {
    values[first!] = value
    return
  }
  const inner = values[first!]
  // `network: mbf` with `network.scale` set becomes `{name: mbf, scale: ...}`.
  const next = isKeyed(inner) ? inner : typeof inner === 'string' ? { name: inner } : {}
  values[first!] = next
  setValue(next, rest, value)
}

function isPrefix(prefix: readonly PropertyKey[], key: readonly PropertyKey[]): boolean {
  return prefix.every((part, index) => index >= key.length || key[index] === part)
}
