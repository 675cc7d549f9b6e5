import { resolve } from 'node:path'
import { InputError } from '../errors/index.js'
import type { Log } from '../progress/progress.js'

/** Shorter values are no secrets, and would be found everywhere: in counts, in names. */
const SHORTEST = 4

/** Puts `${NAME}` in the place of values that came from the environment, in all that a run tells. */
export class Redaction {
  readonly #shown: ReadonlyMap<string, string>
  readonly #values: RegExp

  /** @param variables values by name */
  constructor(variables: ReadonlyMap<string, string>) {
    this.#shown = new Map(
      [...variables]
        .flatMap(([name, value]) => formsOf(value).map((form): [string, string] => [form, `\${${name}}`]))
        .filter(([value]) => value.length >= SHORTEST)
        // The longest value first: another one may be a part of it.
        .sort(([a], [b]) => b.length - a.length),
    )
    this.#values = new RegExp([...this.#shown.keys()].map(literal).join('|'), 'g')
  }

  text(text: string): string {
    if (this.#shown.size === 0) return text
    return text.replaceAll(this.#values, (value) => this.#shown.get(value)!)
  }

  /** The same for all texts in a JSON value, its keys among them. */
  json<T>(value: T): T {
    if (this.#shown.size === 0) return value
    return this.#json(value) as T
  }

  #json(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((inner) => this.#json(inner))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.text(key), this.#json(inner)]),
    )
  }

  log(log: Log): Log {
    return {
      info: (message, fields) => log.info(this.text(message), fields && this.json(fields)),
      warn: (message, fields) => log.warn(this.text(message), fields && this.json(fields)),
    }
  }

  /** The same error, which says no value any more. */
  error<T>(error: T): T {
    if (error instanceof Error) {
      error.message = this.text(error.message)
      if (error.stack !== undefined) error.stack = this.text(error.stack)
    }
    if (error instanceof InputError) Object.assign(error.fault, this.json(error.fault))
    return error
  }
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** A path is shown as it was resolved, too. */
function formsOf(value: string): string[] {
  return value.includes('/') ? [...new Set([value, value.replace(/\/+$/, ''), resolve(value)])] : [value]
}
