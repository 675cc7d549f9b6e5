import { type DatasetDescription, type Property, readProperty } from '../../dataset/index.js'
import type { Comparison } from './comparison.js'
import type { FaultReport } from './fault-report.js'

/** Undefined, and a fault, where it cannot be read. */
export async function readPropertyOf(
  path: string,
  file: string,
  report: FaultReport,
): Promise<Property | undefined> {
  try {
    return await readProperty(path)
  } catch (error) {
    report.addError('property', file, error)
    return undefined
  }
}

/** Compares a property file with `dataset.json`, else with the identity records and images of the file itself. */
export function checkProperty(
  property: Property,
  found: {
    description: DatasetDescription | undefined
    /** Identity records; 0 where the dialect has none. */
    identityRecords: number
    /** Undefined where not all can be read. */
    images: number | undefined
  },
  { report, names, wholeFiles }: Comparison,
): void {
  const file = names.property
  const { description, identityRecords, images } = found
  const fault = { kind: 'property', file, line: 1 } as const
  if (description !== undefined) {
    const expected = line(description)
    // A property file that is as it was written is right: then what is wrong in `dataset.json` is told there.
    const isRight = wholeFiles.isIntact(file) && wholeFiles.isChanged(names.description)
    if (line(property) !== expected && !isRight) {
      report.add({ ...fault, problem: 'not what dataset.json says', expected, actual: line(property) })
    }
  } else if (identityRecords > 0 && property.identities !== identityRecords) {
    const problem = 'not the number of identity records'
    report.add({ ...fault, problem, expected: identityRecords, actual: property.identities })
  }
  if (property.images !== undefined && images !== undefined && property.images !== images) {
    report.add({
      ...fault,
      line: 2,
      problem: 'not the number of images',
      expected: images,
      actual: property.images,
    })
  }
}

function line({ identities, height, width }: Property): string {
  return `${identities},${height},${width}`
}
