import { type JsonSchema, ownKeysSchema } from './json-schema.js'

/** The keys that may stand in the object at a place of the config. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  return nodesAt(path).flatMap((node) => Object.keys(node.properties ?? {}))
}

/** The words that may stand at a place of the config. */
export function wordsAt(path: readonly PropertyKey[]): string[] {
  return nodesAt(path)
    .flatMap((node) => node.enum ?? ('const' in node ? [node.const] : []))
    .filter((word) => typeof word === 'string')
}

function nodesAt(path: readonly PropertyKey[]): JsonSchema[] {
  let nodes = alternatives(ownKeysSchema())
  for (const part of path) {
    nodes = nodes.flatMap(({ properties, items, prefixItems }) => {
      const next = typeof part === 'number' ? (prefixItems?.[part] ?? items) : properties?.[String(part)]
      return next === undefined ? [] : alternatives(next)
    })
  }
  return nodes
}

/** The forms that a value may have. */
function alternatives(node: JsonSchema): JsonSchema[] {
  const forms = node.anyOf ?? node.oneOf
  return forms === undefined ? [node] : forms.flatMap(alternatives)
}
