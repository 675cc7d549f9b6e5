import { InputError } from '../errors/index.js'
import {
  IMAGE_HEADER_BYTES,
  readRecordSync,
  type StoredRecord,
  singleLabel,
  unpackImage,
} from '../recordio/index.js'
import { checkLabel } from './label.js'

const NO_LABELS = new Float32Array(0)

/** An image of a dataset as it is stored. */
export interface StoredImage {
  key: number
  label: number
  /** Labels after the first. */
  extraLabels: Float32Array
  /** The image file. A view: whoever keeps it for long copies it. */
  bytes: Uint8Array
  /** Where its record begins. */
  offset: number
  /** Payload bytes of its record. */
  length: number
}

/**
 * The image in a record. @throws InputError where the header is cut short, or the label is no number of the dataset's
 * identities
 */
export function storedImage(
  record: StoredRecord,
  key: number,
  file: string,
  identities: number,
): StoredImage {
  const { offset, payload } = record
  const single = singleLabel(payload)
  if (single !== undefined) {
    return {
      key,
      label: checkIdentity(single, identities, { file, record: key, offset }),
      extraLabels: NO_LABELS,
      bytes: payload.subarray(IMAGE_HEADER_BYTES),
      offset,
      length: payload.length,
    }
  }
  const place = { file, record: key, offset }
  const { header, image } = unpackImage(payload, place)
  return {
    key,
    label: checkIdentity(header.labels[0] ?? header.label, identities, place),
    extraLabels: header.labels.subarray(1),
    bytes: image,
    offset,
    length: payload.length,
  }
}

/** A label as a number of the dataset's identities. @throws InputError */
export function checkIdentity(
  label: number,
  identities: number,
  place: { file: string; record: number; offset: number },
): number {
  if (checkLabel(label, place) < identities) return label
  throw new InputError({
    ...place,
    problem: 'the label has no identity in this dataset',
    expected: `less than ${identities}, by the property file`,
    actual: label,
    fix: 'Correct the first number in the property file, or remove the file: the number is then counted.',
  })
}

/**
 * The bytes of one image, read synchronously, for worker threads that hold their own descriptor of the `.rec` file.
 * @param offset and `length` as in `RecordTable`
 * @throws InputError
 */
export function readImageSync(descriptor: number, path: string, offset: number, length: number): Uint8Array {
  return unpackImage(readRecordSync(descriptor, path, offset, length).payload, { file: path, offset }).image
}
