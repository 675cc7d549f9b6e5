import { InputError } from '../errors/index.js'
import { readWholeFile } from '../io/index.js'
import { MOST_IDENTITIES } from './label.js'

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
    throw notProperty(path, 'classes,height,width', lines[0]!)
  }
  if (identities > MOST_IDENTITIES) throw notProperty(path, `at most ${MOST_IDENTITIES} classes`, lines[0]!)
  const images = Number(lines[1] || Number.NaN)
  return { identities, height, width, ...(Number.isSafeInteger(images) && images >= 0 ? { images } : {}) }
}

function notProperty(file: string, expected: string, line: string): InputError {
  return new InputError({
    file,
    line: 1,
    problem: 'not a property line',
    expected,
    actual: JSON.stringify(line.slice(0, 80)),
    fix: 'Correct it, or remove the file: the number of classes is then counted.',
  })
}

/** The content of a `property` file. */
export function formatProperty(property: Property): string {
  return `${property.identities},${property.height},${property.width}\n`
}
