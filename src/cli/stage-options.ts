import { Argument, type Command, Option } from 'commander'
import { z } from 'zod'
import { describeIssue, expectation, UsageError } from '../errors/index.js'
import type { OptionMeta } from '../stages/common-options.js'
import type { AnyStage } from '../stages/stage.js'
import { gather, parseNumber } from './option-values.js'

/** One option of a stage as the command line sees it. */
interface StageOption {
  /** The key in the schema, spelt as on the command line: `pass-through`. */
  key: string
  meta: OptionMeta
  schema: z.ZodType
  /** The type under `optional` and `default`. */
  type: z.ZodType
  required: boolean
  fallback: unknown
}

/**
 * Adds a stage's positionals and options to a commander command, from its schema alone.
 * @param forms 'long': without forms of one letter, where the command has its own
 */
export function addStageOptions(command: Command, stage: AnyStage, forms: 'all' | 'long' = 'all'): void {
  for (const stageOption of stageOptions(stage)) {
    if (stageOption.meta.positional) command.addArgument(positionalArgument(stageOption))
    else command.addOption(commandOption(stageOption, forms))
  }
}

/**
 * The stage's options from what commander parsed, checked by the schema.
 * @throws UsageError naming the option, what it takes and what was given
 */
export function readStageOptions(command: Command, stage: AnyStage): unknown {
  const given: Record<string, unknown> = {}
  const flags = command.opts<Record<string, unknown>>()
  const positionals = [...command.processedArgs]
  for (const { key, meta } of stageOptions(stage)) {
    const value = meta.positional ? positionals.shift() : flagValue(flags, key)
    const empty = value === undefined || (Array.isArray(value) && value.length === 0)
    if (!empty) given[key] = value
  }
  const parsed = stage.options.safeParse(given, { error: expectation })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const named = stageOptions(stage).find(({ key }) => key === issue.path[0])
  const isMissing = named?.required && given[named.key] === undefined
  const place = named === undefined ? '' : named.meta.positional ? named.meta.argument : `--${named.key}`
  const problem = isMissing ? `is missing: ${named.meta.description}` : describeIssue(issue, given)
  throw new UsageError(
    `${place}${isMissing ? ' ' : place ? ': ' : ''}${problem}. See facedata ${stage.name} --help`,
  )
}

function stageOptions(stage: AnyStage): StageOption[] {
  return Object.entries(stage.options.shape as Record<string, z.ZodType>).map(([key, schema]) => {
    const { type, required, fallback } = unwrap(schema)
    return { key, meta: schema.meta() as unknown as OptionMeta, schema, type, required, fallback }
  })
}

function unwrap(schema: z.ZodType): { type: z.ZodType; required: boolean; fallback: unknown } {
  if (schema instanceof z.ZodOptional) {
    return { ...unwrap(schema.unwrap() as z.ZodType), required: false }
  }
  if (schema instanceof z.ZodDefault) {
    return {
      type: unwrap(schema.unwrap() as z.ZodType).type,
      required: false,
      fallback: schema.def.defaultValue,
    }
  }
  return { type: schema, required: true, fallback: undefined }
}

function positionalArgument({ key, meta, type, required }: StageOption): Argument {
  const name = `${meta.argument ?? key}${type instanceof z.ZodArray ? '...' : ''}`
  return new Argument(required ? `<${name}>` : `[${name}]`, meta.description)
}

function commandOption({ key, meta, type, required, fallback }: StageOption, forms: 'all' | 'long'): Option {
  const short = meta.short === undefined || forms === 'long' ? '' : `-${meta.short}, `
  const flag = type instanceof z.ZodBoolean
  const isTold = fallback !== undefined && !flag && !Array.isArray(fallback)
  const shown = required ? ' (required)' : isTold ? ` (default: ${fallback})` : ''
  const option = new Option(
    `${short}--${key}${flag ? '' : ` <${meta.argument ?? key}>`}`,
    `${meta.description}${shown}`,
  )
  if (type instanceof z.ZodArray) option.argParser(gather)
  if (type instanceof z.ZodNumber) option.argParser(parseNumber)
  if (type instanceof z.ZodEnum) option.choices(type.options.map(String))
  return option
}

/** commander keeps `--no-flip` as `flip: false` and `--pass-through` as `passThrough`. */
function flagValue(flags: Record<string, unknown>, key: string): unknown {
  const attribute = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  if (!key.startsWith('no-')) return flags[attribute(key)]
  return flags[attribute(key.slice(3))] === false ? true : undefined
}
