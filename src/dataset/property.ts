import { InputError } from '../errors/index.js'
import { readWholeFile } from '../io/index.js'

/** What a `property` file says. */
export interface Property {
  /** `num_classes`. */
  identities: number
  height: number
  width: number
  /** On a second line, as some tools write it. */
  images?: number
}

/**
 * Reads `classes,height,width`. A second line with the number of images may follow; a newline need not.
 * Source: insightface's packers and loaders.
 * @throws InputError
 */
export async function readProperty(path: string): Promise<Property> {
  const text = (await readWholeFile(path, 64 * 1024)).toString('utf8')
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const numbers = lines[0]!.split(',').map((field) => Number(field.trim() || Number.NaN))
  const [identities, height, width] = numbers
  const valid = numbers.length === 3 && numbers.every((number) => Number.isSafeInteger(number) && number > 0)
  if (!valid || identities === undefined || height === undefined || width === undefined) {
    throw new InputError({
      file: path,
      line: 1,
      problem: 'not a property line',
      expected: 'classes,height,width',
      actual: JSON.stringify(lines[0]!.slice(0, 80)),
    })
  }
  const images = Number(lines[1] || Number.NaN)
  return { identities, height, width, ...(Number.isSafeInteger(images) && images >= 0 ? { images } : {}) }
}

/** The content of a `property` file. */
export function formatProperty(property: Property): string {
  return `${property.identities},${property.height},${property.width}\n`
}
