import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** The native addon, beside the description. */
export const ADDON_FILE = 'tfjs_binding.node'

const DESCRIPTION_FILE = 'engine.json'

const descriptionSchema = z.object({
  /** Version of TensorFlow. */
  tensorflow: z.string(),
  gpu: z.boolean(),
  /** Version of the CUDA runtime beside it. */
  cuda: z.string().optional(),
  /** File names of the wheels that the libraries came from, with their sha256. */
  wheels: z.record(z.string(), z.string()),
  /** The npm package that the addon was compiled from, with its version. */
  addon: z.string(),
})

/** What `facedata engine install tensorflow` writes beside the libraries, last of all. */
export type EngineDescription = z.infer<typeof descriptionSchema>

/** undefined where the folder holds no whole engine. */
export function readEngineDescription(folder: string): EngineDescription | undefined {
  try {
    return descriptionSchema.parse(JSON.parse(readFileSync(join(folder, DESCRIPTION_FILE), 'utf8')))
  } catch {
    return undefined
  }
}

/** Path and text of the description. */
export function engineDescriptionFile(folder: string, description: EngineDescription): [string, string] {
  return [join(folder, DESCRIPTION_FILE), `${JSON.stringify(description, null, 2)}\n`]
}
