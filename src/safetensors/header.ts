import { InputError } from '../errors/index.js'
import { type Dtype, elementCount, elementSize, isDtype } from './tensor.js'

/** Length of the header comes first, as a little-endian u64. */
export const LENGTH_BYTES = 8

/** The reference reader refuses longer headers. */
export const MAXIMUM_HEADER_BYTES = 100_000_000

/** Where a tensor lies: `offset` from the start of the file. */
export interface TensorEntry {
  dtype: Dtype
  shape: readonly number[]
  offset: number
  bytes: number
}

export interface Header {
  entries: Map<string, TensorEntry>
  metadata: Map<string, string>
}

/**
 * Reads the JSON header and checks it against the file: types, shapes, sizes, and that the tensors fill the file
 * without gap or overlap, as the reference reader demands. @throws InputError
 */
export function parseHeader(json: Uint8Array, file: string, fileSize: number): Header {
  const fail = (
    problem: string,
    details: { expected?: string | number; actual?: string | number } = {},
  ): never => {
    throw new InputError({
      file,
      offset: LENGTH_BYTES,
      problem: `safetensors header: ${problem}`,
      ...details,
    })
  }
  const parsed = parseJson(json, fail)
  const header: Header = { entries: new Map(), metadata: new Map() }
  const dataStart = LENGTH_BYTES + json.length
  for (const [name, value] of Object.entries(parsed)) {
    if (!isObject(value)) return fail(`'${name}' is not an object`)
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== 'string') return fail(`metadata '${key}' is not a string`)
        header.metadata.set(key, text)
      }
      continue
    }
    header.entries.set(name, parseEntry(name, value, dataStart, fail))
  }
  checkLayout(header.entries, dataStart, fileSize, fail)
  return header
}

type Fail = (problem: string, details?: { expected?: string | number; actual?: string | number }) => never

function parseJson(json: Uint8Array, fail: Fail): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (error) {
    return fail(`not JSON: ${(error as Error).message}`)
  }
  return isObject(parsed) ? parsed : fail('not a JSON object')
}

function parseEntry(
  name: string,
  value: Record<string, unknown>,
  dataStart: number,
  fail: Fail,
): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = value
  if (!isDtype(dtype)) return fail(`tensor '${name}' has an unknown dtype`, { actual: String(dtype) })
  if (!isIndexList(shape)) return fail(`tensor '${name}' has a bad shape`, { actual: JSON.stringify(shape) })
  if (!isIndexList(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    return fail(`tensor '${name}' has bad data_offsets`, { actual: JSON.stringify(offsets) })
  }
  const bytes = offsets[1]! - offsets[0]!
  const expected = elementCount(shape) * elementSize(dtype)
  if (bytes !== expected) {
    return fail(`tensor '${name}' does not have the size of ${dtype} ${JSON.stringify(shape)}`, {
      expected: `${expected} bytes`,
      actual: bytes,
    })
  }
  return { dtype, shape, offset: dataStart + offsets[0]!, bytes }
}

function checkLayout(
  entries: Map<string, TensorEntry>,
  dataStart: number,
  fileSize: number,
  fail: Fail,
): void {
  const inOrder = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes)
  let end = dataStart
  for (const [name, entry] of inOrder) {
    if (entry.offset !== end) {
      fail(
        `tensor '${name}' ${entry.offset < end ? 'overlaps the one before it' : 'leaves a gap before it'}`,
        {
          expected: `data at ${end}`,
          actual: entry.offset,
        },
      )
    }
    end += entry.bytes
  }
  if (end !== fileSize)
    fail('the tensors do not fill the file', { expected: `${end} bytes`, actual: fileSize })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isIndexList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}
