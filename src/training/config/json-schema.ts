import { z } from 'zod'
import { ignoredKeys } from './ignored-keys.js'
import { trainingConfigSchema } from './training-config.js'

/** What of JSON Schema (draft 2020-12) a config's schema uses. */
export interface JsonSchema {
  $schema?: string
  title?: string
  description?: string
  properties?: Record<string, JsonSchema>
  patternProperties?: Record<string, JsonSchema>
  additionalProperties?: boolean
  required?: string[]
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  not?: JsonSchema
  enum?: unknown[]
  const?: unknown
}

/** The keys that have a meaning here, as they are written: before defaults are filled in. */
export function ownKeysSchema(): JsonSchema {
  return z.toJSONSchema(trainingConfigSchema, { io: 'input' }) as JsonSchema
}

/**
 * What an editor may find in a training config: every key with its meaning, upstream's own among them. No key is
 * required, for each may come from the command line.
 */
export function configJsonSchema(): JsonSchema {
  const schema = ownKeysSchema()
  const { dataset } = schema.properties!
  return {
    $schema: schema.$schema!,
    title: 'facedata training config',
    ...schema,
    required: [],
    properties: {
      ...schema.properties,
      rec: { ...dataset!, description: "Upstream's name of dataset." },
      ...Object.fromEntries(
        ignoredKeys.map(({ name, reason }) => [name, { description: `Ignored: ${reason}.` }]),
      ),
    },
    patternProperties: { '^wandb_': {} },
    not: { required: ['dataset', 'rec'] } as JsonSchema,
  }
}
