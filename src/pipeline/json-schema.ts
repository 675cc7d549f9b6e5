import { z } from 'zod'
import type { StageSource } from './pipeline.js'
import { stepRunSchema } from './step.js'

/** What of JSON Schema (draft 2020-12) a pipeline's schema uses. */
export interface JsonSchema {
  $schema?: string
  title?: string
  description?: string
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  additionalProperties?: boolean
  required?: string[]
  minProperties?: number
  maxProperties?: number
  items?: JsonSchema
  minItems?: number
  anyOf?: JsonSchema[]
  pattern?: string
  enum?: unknown[]
  default?: unknown
}

/** Keys of an option's help that are no words of JSON Schema. */
const HELP = ['argument', 'positional', 'short']

/** A number or a switch may be filled in from the environment. */
const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{' }

/** What an editor may find in a pipeline: every stage with its options and their meaning. */
export async function pipelineJsonSchema({ stageNames, loadStage }: StageSource): Promise<JsonSchema> {
  const steps: Record<string, JsonSchema> = {}
  for (const name of stageNames) {
    const { options, summary, measures = [] } = await loadStage(name)
    steps[name] = stepSchema(options.shape, summary, measures)
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'facedata pipeline',
    type: 'object',
    additionalProperties: false,
    required: ['steps'],
    properties: {
      name: { type: 'string', description: "what the pipeline is called (default: the file's name)" },
      datasets: {
        type: 'string',
        description:
          'folder of dataset names, for every step that does not name its own (default: ./datasets)',
      },
      steps: {
        type: 'array',
        minItems: 1,
        description:
          'each is one stage with its options; a step runs after the steps that write what it reads',
        items: {
          type: 'object',
          minProperties: 1,
          maxProperties: 1,
          additionalProperties: false,
          properties: steps,
        },
      },
    },
  }
}

function stepSchema(
  shape: Record<string, z.ZodType>,
  summary: string,
  measures: readonly string[],
): JsonSchema {
  const all = z.object({ ...shape, ...stepRunSchema.shape })
  const { properties = {}, required = [] } = z.toJSONSchema(all, { io: 'input' }) as JsonSchema
  const { expect } = properties
  for (const measure of Object.keys(expect!.properties!)) {
    if (measure !== 'free' && !measures.includes(measure)) delete expect!.properties![measure]
  }
  return {
    description: summary,
    type: required.length > 0 ? 'object' : ['object', 'null'],
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, property]) => [key, withVariables(withoutHelp(property))]),
    ),
  }
}

function withoutHelp(property: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(property).filter(([key]) => !HELP.includes(key)))
}

function withVariables(property: JsonSchema): JsonSchema {
  const isText = property.type === 'string' && property.enum === undefined
  if (isText || property.type === 'array' || property.type === 'object') return property
  const { description, default: fallback, ...rest } = property
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [rest, VARIABLE],
  }
}
