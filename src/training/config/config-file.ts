import { readFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { Document, isMap, isNode, isSeq, LineCounter, parse, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { nearestWord, UsageError } from '../../errors/index.js'
import { inputErrorFrom } from '../../io/index.js'
import { configKeys, reasonIgnored, type TrainingConfig, trainingConfigSchema } from './training-config.js'

/** A value from the command line or a pipeline that takes the place of the file's. */
export interface Override {
  /** How the user wrote it, for errors: `--set lr=0.2`. */
  source: string
  key: string
  value: unknown
}

export interface LoadedConfig {
  config: TrainingConfig
  /** Folder of the file. */
  directory: string
  /** What the file asks for and has no effect, in sentences. */
  notices: string[]
}

/** `key=value`, the value in YAML: `lr=0.2`, `margin_list=[1, 0.5, 0]`, `network.scale=1`. @throws UsageError */
export function parseSetting(text: string): Override {
  const source = `--set ${text}`
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`${source}: expected key=value`)
  try {
    return { source, key: text.slice(0, equals).trim(), value: parse(text.slice(equals + 1)) }
  } catch (error) {
    throw new UsageError(`${source}: the value is not YAML: ${firstLine((error as Error).message)}`)
  }
}

/**
 * Reads a YAML config, puts the overrides in, checks every key and fills in the defaults.
 * @throws InputError where the file cannot be read; UsageError naming the line and the key
 */
export function loadConfig(path: string, overrides: readonly Override[] = []): LoadedConfig {
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines })
  const [syntaxError] = document.errors
  if (syntaxError !== undefined) {
    const line = syntaxError.linePos?.[0].line
    throw new UsageError(
      `${path}: ${line === undefined ? '' : `line ${line}: `}${firstLine(syntaxError.message)}`,
    )
  }
  const values: unknown = document.toJS() ?? {}
  if (!isObject(values)) throw new UsageError(`${path}: expected keys and values, such as lr: 0.1`)
  for (const { key, value } of overrides) setValue(values, key.split('.'), value)
  const place = (key: PropertyKey[]): string =>
    overrides.findLast((override) => isPrefix(override.key.split('.'), key))?.source ??
    `${path}${lineOf(document, lines, key)}`

  readRec(values, place)
  const notices = takeIgnored(values, place)
  const parsed = trainingConfigSchema.safeParse({ output: defaultOutput(path), ...values })
  if (!parsed.success) throw usageErrorFrom(parsed.error.issues[0]!, place)
  const [m1, m2, m3] = parsed.data.margin_list
  if (m3 > 0 && (m1 !== 1 || m2 !== 0)) {
    notices.push(`margin_list [${m1}, ${m2}, ${m3}]: m3 > 0 is CosFace, so m1 and m2 are not used`)
  }
  return { config: parsed.data, directory: dirname(resolve(path)), notices }
}

/** The config as YAML that `loadConfig` reads back, without what has no effect. */
export function formatConfig(config: TrainingConfig): string {
  const { num_classes: _classes, num_image: _images, ...effective } = config
  const document = new Document(effective)
  visit(document, {
    Seq(_, list) {
      list.flow = true
    },
  })
  return document.toString()
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
}

function defaultOutput(path: string): string {
  return join('runs', basename(path, extname(path)))
}

/** Upstream's name of `dataset`. */
function readRec(values: Record<string, unknown>, place: (key: string[]) => string): void {
  if (!('rec' in values)) return
  if ('dataset' in values)
    throw new UsageError(`${place(['rec'])}: rec and dataset are one key; keep one of them`)
  values['dataset'] = values['rec']
  delete values['rec']
}

/** Takes out the keys without effect and says so, once for each. `num_classes` and `num_image` are compared later. */
function takeIgnored(values: Record<string, unknown>, place: (key: string[]) => string): string[] {
  const notices: string[] = []
  for (const key of Object.keys(values)) {
    const reason = reasonIgnored(key)
    if (reason === undefined) continue
    notices.push(`${place([key])}: ${key} is ignored: ${reason}`)
    if (!configKeys.includes(key)) delete values[key]
  }
  return notices
}

function usageErrorFrom(issue: z.core.$ZodIssue, place: (key: PropertyKey[]) => string): UsageError {
  const key = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0]!
    const nearest = nearestWord(unknown, configKeys)
    return new UsageError(
      `${place([...issue.path, unknown])}: unknown key '${unknown}'. The nearest valid key is '${nearest}'`,
    )
  }
  return new UsageError(`${place(issue.path)}: ${key}: ${issue.message}`)
}

/** `: line 7`, or nothing for a key that is not in the file. */
function lineOf(document: Document, lines: LineCounter, key: PropertyKey[]): string {
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

function setValue(values: Record<string, unknown>, key: string[], value: unknown): void {
  const [first, ...rest] = key
  if (rest.length === 0) {
    values[first!] = value
    return
  }
  const inner = values[first!]
  // `network: mbf` with `network.scale` set becomes `{name: mbf, scale: ...}`.
  const next = isObject(inner) ? inner : typeof inner === 'string' ? { name: inner } : {}
  values[first!] = next
  setValue(next, rest, value)
}

function isPrefix(prefix: readonly PropertyKey[], key: readonly PropertyKey[]): boolean {
  return prefix.every((part, index) => index >= key.length || key[index] === part)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
