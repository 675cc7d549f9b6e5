import { readFileSync } from 'node:fs'
import { type Document, isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml'
import { inputErrorFrom } from '../../io/index.js'
import { ConfigFaults } from './config-faults.js'
import { type ConfigSource, isKeyed } from './config-source.js'

/** Reads a YAML config. @throws InputError where it cannot be read, UsageError with the lines that are no YAML */
export function readYaml(path: string): ConfigSource {
  const lines = new LineCounter()
  const document = parseDocument(readConfigText(path), { lineCounter: lines })
  const faults = new ConfigFaults(path)
  for (const { linePos, message } of document.errors) {
    faults.add(linePos === undefined ? path : `${path}: line ${linePos[0].line}`, firstLine(message))
  }
  faults.throwIfAny()
  const values: unknown = document.toJS() ?? {}
  if (!isKeyed(values)) {
    faults.add(path, 'expected keys and values, such as lr: 0.1')
    faults.throwIfAny()
  }
  return {
    values: values as Record<string, unknown>,
    placeOf: (key) => `${path}${lineOf(document, lines, key)}`,
    isDefault: () => false,
  }
}

/** @throws InputError */
export function readConfigText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

/** `: line 7`, or nothing for a key that is not in the file. */
function lineOf(document: Document, lines: LineCounter, key: readonly PropertyKey[]): string {
  let node: unknown = document.contents
  let line = ''
  for (const part of key) {
    const pair = isMap(node) ? node.items.find((item) => String(item.key) === part) : undefined
    const place = pair?.key ?? (isSeq(node) ? node.items[Number(part)] : undefined)
    if (!isNode(place)) break
    line = `: line ${lines.linePos(place.range![0]).line}`
    node = pair === undefined ? place : pair.value
  }
  return line
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
