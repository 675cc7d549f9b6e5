import { z } from 'zod'
import type { State } from '../../engines/index.js'
import { InputError } from '../../errors/index.js'
import { readStatePart, writeStatePart } from './state-file.js'

/** A safetensors header holds text alone. */
const metadataSchema = z.object({
  step: z.coerce.number().int(),
  image_height: z.coerce.number().int().positive(),
  image_width: z.coerce.number().int().positive(),
  accuracy: z.coerce.number().optional(),
})

/** Weights of a backbone and what they were trained on. */
export interface BackboneInfo {
  /** Steps done. */
  step: number
  /** Pixels. */
  height: number
  width: number
  /** Mean accuracy over the val targets at that step, where it was measured. */
  accuracy: number | undefined
}

/** Writes the backbone with upstream's names; the rest is metadata of the file. @throws OutputError */
export async function writeBackbone(
  sink: Parameters<typeof writeStatePart>[0],
  state: State,
  { step, height, width, accuracy }: BackboneInfo,
): Promise<void> {
  await writeStatePart(sink, 'backbone', state, {
    step: String(step),
    image_height: String(height),
    image_width: String(width),
    ...(accuracy === undefined ? {} : { accuracy: String(accuracy) }),
  })
}

/** @throws InputError */
export async function readBackbone(path: string): Promise<{ state: State; info: BackboneInfo }> {
  const { state, metadata } = await readStatePart(path, 'backbone')
  const parsed = metadataSchema.safeParse(Object.fromEntries(metadata))
  if (!parsed.success) {
    throw new InputError({
      file: path,
      problem: 'its metadata does not tell step and image size; a run wrote no such file',
    })
  }
  const { step, image_height: height, image_width: width, accuracy } = parsed.data
  return { state, info: { step, height, width, accuracy } }
}
