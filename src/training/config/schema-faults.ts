import type { z } from 'zod'
import { expectedOf, nearestWord } from '../../errors/index.js'
import type { ConfigFaults } from './config-faults.js'
import { keysAt, wordsAt } from './schema-words.js'

type Issue = z.core.$ZodIssue

/** Adds a fault for everything that the schema finds wrong with the values. */
export function addSchemaFaults(
  faults: ConfigFaults,
  issues: readonly Issue[],
  values: unknown,
  placeOf: (key: readonly PropertyKey[]) => string,
): void {
  for (const issue of issues.flatMap((one) => unfold(one))) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const path = [...issue.path, key]
        const nearest = nearestWord(key, keysAt(issue.path))
        const valid =
          nearest === undefined ? '' : `. The nearest valid key is '${dotted([...issue.path, nearest])}'`
        faults.add(placeOf(path), `unknown key '${dotted(path)}'${valid}`)
      }
      continue
    }
    const found = valueAt(values, issue.path)
    const shown = found === undefined ? '' : `, found ${show(found)}`
    const key = issue.path.length === 0 ? '' : `${dotted(issue.path)}: `
    const words = issue.code === 'invalid_union' && issue.discriminator ? wordsAt(issue.path) : []
    const expected = words.length > 0 ? expectedOf(words) : issue.message
    faults.add(placeOf(issue.path), `${key}${expected}${shown}${nearestValue(issue.path, found)}`)
  }
}

/**
 * A value that fits none of several forms has the faults of the form that it meant: the one of its name, with the fewest
 * faults. A value of another kind than every form stays as it is.
 */
function unfold(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const forms = issue.errors.filter((faults) =>
    faults.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  const [meant] = forms.toSorted((a, b) => misnamed(a).length - misnamed(b).length || a.length - b.length)
  if (meant === undefined) return [issue]
  // Where no form has this name, those of all of them are expected.
  const names = misnamed(meant).length === 0 ? [] : forms.flatMap(misnamed).flatMap(({ values }) => values)
  return meant.flatMap((inner) => {
    const named = isMisnamed(inner) ? { ...inner, message: expectedOf(names) } : inner
    return unfold({ ...named, path: [...issue.path, ...inner.path] })
  })
}

function misnamed(form: readonly Issue[]): z.core.$ZodIssueInvalidValue[] {
  return form.filter(isMisnamed)
}

function isMisnamed(issue: Issue): issue is z.core.$ZodIssueInvalidValue {
  return issue.code === 'invalid_value' && issue.path.at(-1) === 'name'
}

/** `. The nearest valid value is 'sgd'`, for a word where the schema has words. */
function nearestValue(path: readonly PropertyKey[], found: unknown): string {
  if (typeof found !== 'string') return ''
  const nearest = nearestWord(found, wordsAt(path), Math.ceil(found.length / 2))
  return nearest === undefined ? '' : `. The nearest valid value is '${nearest}'`
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    values,
  )
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function dotted(path: readonly PropertyKey[]): string {
  return path.join('.')
}
