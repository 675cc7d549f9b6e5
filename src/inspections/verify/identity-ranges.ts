import { LARGEST_EXACT_FLOAT32 } from '../../dataset/index.js'
import type { FaultReport } from './fault-report.js'
import type { IndexCheck } from './index-check.js'
import type { IdentityRanges, NumberRecords } from './number-records.js'

/** No image with this key, or its label is not known to be right. */
export const UNKNOWN_LABEL = -1

/** Keys count from 0 without gaps: those of a damaged index may be anything, and are not counted up to. */
const KEYS_A_LINE = 2

/** What the ranges are compared with. */
export interface RangeContext {
  /** Name of the `.rec` file. */
  records: string
  index: IndexCheck
  /** Label of each line of the index, or `UNKNOWN_LABEL`. */
  labels: Int32Array
  /** Whether there are records that cannot be read, or whose key is not certain. */
  incomplete: boolean
  report: FaultReport
}

/** Keys of the identity records; images have those from 1 on below `start`. */
interface Span {
  start: number
  end: number
}

/** Checks record 0 and the identity records of the insightface dialect, and the labels of the images in each range. */
export function checkIdentityRanges(numbers: NumberRecords, context: RangeContext): void {
  const { index, report, records, incomplete } = context
  if (index.keys.length > LARGEST_EXACT_FLOAT32) {
    const reason = `their keys are float32, which is exact up to ${LARGEST_EXACT_FLOAT32}`
    report.notChecked.push(`identity records: ${reason}`)
    return
  }
  if (numbers.span.end > KEYS_A_LINE * index.keys.length + 1024) {
    const problem = 'identity records have keys far above the number of records'
    report.add({ kind: 'range', file: records, record: numbers.span.end - 1, problem })
    return
  }
  const span = spanOf(numbers, context)
  checkHeader(numbers.header, span, context)
  const identities = span.end - span.start
  const ranges = numbers.ranges(span.start, identities)
  const { present, starts, ends } = ranges
  const borders = bordersOf(ranges, span, context)
  for (let identity = 0; identity < identities; identity++) {
    const record = span.start + identity
    const first = borders[identity]!
    const next = borders[identity + 1]!
    if (present[identity] === 0) {
      if (!incomplete) {
        report.add({ kind: 'range', file: records, record, problem: 'the identity record is missing' })
      }
    } else if (starts[identity] !== first || ends[identity] !== next) {
      report.add({
        kind: 'range',
        file: records,
        record,
        problem: 'not the range of the images of the identity',
        expected: `${first} to ${next}`,
        actual: `${starts[identity]} to ${ends[identity]}`,
      })
    }
    checkLabels(identity, record, first, next, context)
  }
}

/** By the identity records; where some of them may be lost, by the header if it fits. */
function spanOf(numbers: NumberRecords, { index, labels, incomplete }: RangeContext): Span {
  const { header, span } = numbers
  if (!incomplete || header === undefined) return span
  const fits =
    header.start >= 1 &&
    header.end <= index.keys.length &&
    (numbers.count === 0 || (header.start <= span.start && header.end >= span.end))
  if (!fits) return span
  for (let key = header.start; key < (numbers.count === 0 ? header.end : span.start); key++) {
    if (labelOf(key, index, labels) !== UNKNOWN_LABEL) return span
  }
  return header
}

function checkHeader(header: Span | undefined, span: Span, context: RangeContext): void {
  const { report, records, incomplete, index } = context
  const fault = { kind: 'header', file: records, record: 0 } as const
  if (header === undefined) {
    if (!incomplete) report.add({ ...fault, problem: 'there is no header record' })
    return
  }
  if (header.start !== span.start || header.end !== span.end) {
    report.add({
      ...fault,
      problem: 'the header does not name the identity records',
      expected: `${span.start} to ${span.end}`,
      actual: `${header.start} to ${header.end}`,
    })
  }
  let images = 0
  for (const key of index.keys) if (key >= 1 && key < span.start) images++
  if (images === span.start - 1 || incomplete) return
  report.add({
    ...fault,
    problem: 'the keys of images have gaps',
    expected: `${span.start - 1} images below record ${span.start}`,
    actual: images,
  })
}

/**
 * Where the images of each identity begin, and where the last one's end. Each border stands in two records; where they
 * differ, the labels of the images beside it decide.
 */
function bordersOf({ starts, ends }: IdentityRanges, span: Span, context: RangeContext): Float64Array {
  const identities = starts.length
  const borders = new Float64Array(identities + 1)
  borders[0] = 1
  borders[identities] = span.start
  for (let identity = 1; identity < identities; identity++) {
    const previous = borders[identity - 1]!
    const candidates = [starts[identity]!, ends[identity - 1]!].filter(
      (border) => border >= previous && border <= span.start && Number.isInteger(border),
    )
    borders[identity] =
      candidates.find((border) => candidates.every((other) => other === border)) ??
      candidates.find((border) => fits(border, identity, context)) ??
      candidates[0] ??
      scanForBorder(previous, identity, span, context)
  }
  return borders
}

/** Whether the labels of the images on either side allow that those of an identity begin here. */
function fits(border: number, identity: number, { index, labels }: RangeContext): boolean {
  const before = labelOf(border - 1, index, labels)
  const behind = labelOf(border, index, labels)
  return (before === UNKNOWN_LABEL || before < identity) && (behind === UNKNOWN_LABEL || behind >= identity)
}

function scanForBorder(from: number, identity: number, span: Span, { index, labels }: RangeContext): number {
  let border = from
  while (border < span.start && labelOf(border, index, labels) < identity) border++
  return border
}

/** Images whose label is not that of the range they are in; where they all have the same other one, the range once. */
function checkLabels(
  identity: number,
  record: number,
  first: number,
  next: number,
  context: RangeContext,
): void {
  const { index, labels, report, records } = context
  let right = 0
  let lowest = Number.POSITIVE_INFINITY
  let highest = -1
  for (let key = first; key < next; key++) {
    const label = labelOf(key, index, labels)
    if (label === identity) right++
    else if (label !== UNKNOWN_LABEL) {
      lowest = Math.min(lowest, label)
      highest = Math.max(highest, label)
    }
  }
  if (highest === -1) return
  const fault = { kind: 'range', file: records } as const
  if (right === 0 && lowest === highest) {
    const problem = 'the images of the identity have another label'
    report.add({ ...fault, record, problem, expected: identity, actual: highest })
    return
  }
  for (let key = first; key < next; key++) {
    const actual = labelOf(key, index, labels)
    if (actual === identity || actual === UNKNOWN_LABEL) continue
    const offset = index.offsets[index.table.positionOf(key)]!
    const problem = 'the label is not that of the identity whose range it is in'
    report.add({ ...fault, record: key, offset, problem, expected: identity, actual })
  }
}

function labelOf(key: number, index: IndexCheck, labels: Int32Array): number {
  return labels[index.table.positionOf(key)] ?? UNKNOWN_LABEL
}
