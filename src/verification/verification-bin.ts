import { basename } from 'node:path'
import { InputError } from '../errors/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { readWholeFile } from '../io/index.js'
import { NumpyArray, type PickleValue, readPickle } from '../pickle/index.js'
import { contiguousFolds, FOLD_COUNT, type FoldedPairs } from './folds.js'
import { readSidecar, type Sidecar, sidecarPath } from './sidecar.js'

/** What Node.js reads into one buffer. */
const LARGEST_BIN = 2 ** 31 - 1

/** A verification bin: encoded images in pairs, and whether each pair shows one person. */
export interface VerificationBin {
  path: string
  /** File name without `.bin`. */
  name: string
  /** Encoded images, two a pair: views of the file. */
  images: Uint8Array[]
  /** A pair each: 1 same, 0 different. */
  same: Uint8Array
  sidecar: Sidecar | undefined
}

/**
 * Reads a bin: a pickle of `(images, labels)` with images as bytes, Python 2 str or numpy arrays of encoded bytes, and
 * labels as bool, numpy bool, 0 and 1, or a numpy array of them. Its sidecar is read where there is one and must
 * describe these bytes. Source: load_bin in upstream's eval/verification.py. @throws InputError
 */
export async function readBin(path: string): Promise<VerificationBin> {
  const bytes = await readWholeFile(path, LARGEST_BIN)
  const value = readPickle(bytes, { file: path })
  if (!Array.isArray(value) || value.length !== 2 || !Array.isArray(value[0])) {
    throw new InputError({
      file: path,
      problem: 'is not a verification bin',
      expected: 'a pickle of (list of images, list of labels)',
      actual: describe(value),
    })
  }
  const labels = labelList(value[1]!, path)
  const images = value[0].map((image, index) => encodedImage(image, index, path))
  if (images.length === 0 || images.length !== 2 * labels.length) {
    throw new InputError({
      file: path,
      problem: 'images and labels do not fit each other',
      expected: `two images for each of ${labels.length} labels, and at least one pair`,
      actual: `${images.length} images`,
    })
  }
  const same = Uint8Array.from(labels, (label, pair) => (sameOf(label, pair, path) ? 1 : 0))
  const sidecar = await readSidecar(path)
  if (sidecar !== undefined) requireMatch(sidecar, bytes, same, path)
  return { path, name: basename(path).replace(/\.bin$/, ''), images, same, sidecar }
}

/** Folds of the sidecar, else upstream's contiguous ten. @throws InputError for a bin of fewer pairs than folds */
export function foldedPairs({ path, same, sidecar }: VerificationBin): FoldedPairs {
  const folds = sidecar?.pairs.map(({ fold }) => fold)
  if (folds?.every((fold) => fold !== null)) return { same, folds: Int32Array.from(folds) }
  if (same.length < FOLD_COUNT) {
    throw new InputError({
      file: path,
      problem: 'has too few pairs for ten folds',
      expected: `at least ${FOLD_COUNT}`,
      actual: same.length,
    })
  }
  return { same, folds: contiguousFolds(same.length, FOLD_COUNT) }
}

function labelList(value: PickleValue, file: string): PickleValue[] {
  if (Array.isArray(value)) return value
  if (value instanceof NumpyArray && value.dtype.itemSize === 1) return [...value.data]
  throw new InputError({
    file,
    problem: 'the labels of the bin are not a list',
    expected: 'a list of bool',
    actual: describe(value),
  })
}

function sameOf(label: PickleValue, pair: number, file: string): boolean {
  if (label === true || label === 1) return true
  if (label === false || label === 0) return false
  throw new InputError({
    file,
    problem: `label ${pair} is not one`,
    expected: 'True or False',
    actual: describe(label),
  })
}

function encodedImage(image: PickleValue, index: number, file: string): Uint8Array {
  if (image instanceof Uint8Array) return image
  // Some packers keep the encoded bytes in an array, of shape (length) or (1, length).
  const bytes = image instanceof NumpyArray && image.dtype.itemSize === 1
  if (bytes && image.shape.filter((length) => length !== 1).length <= 1) return image.data
  throw new InputError({
    file,
    problem: `image ${index} is not an encoded image`,
    expected: 'bytes, or a numpy array of them in one row',
    actual: describe(image),
    fix: 'A bin of decoded pixels does not say their colour order: encode the images and write the bin again',
  })
}

function requireMatch(sidecar: Sidecar, bytes: Uint8Array, same: Uint8Array, file: string): void {
  const hash = hashToHex(xxh64(bytes))
  const fix = 'Make the bin again, or remove the sidecar to use ten contiguous folds'
  if (sidecar.bin.xxh64 !== hash || sidecar.pairs.length !== same.length) {
    throw new InputError({
      file: sidecarPath(file),
      problem: `describes another ${basename(file)}`,
      expected: `hash ${sidecar.bin.xxh64}, ${sidecar.pairs.length} pairs`,
      actual: `hash ${hash}, ${same.length} pairs`,
      fix,
    })
  }
  requireContiguousNumbers(sidecar, sidecarPath(file), fix)
}

/** Folds 0, 1, 2 ... with none left out, or null for all. */
function requireContiguousNumbers({ pairs }: Sidecar, file: string, fix: string): void {
  const numbers = new Set(pairs.map(({ fold }) => fold))
  const expected = numbers.has(null)
    ? 1
    : [...numbers].reduce<number>((most, fold) => Math.max(most, fold ?? 0), 0) + 1
  if (numbers.size === expected) return
  throw new InputError({ file, problem: 'some folds have no pair, or some pairs no fold', fix })
}

function describe(value: PickleValue): string {
  if (value instanceof NumpyArray)
    return `a numpy array of shape (${value.shape.join(', ')}) ${value.dtype.name}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `a list or tuple of ${value.length}`
  if (value instanceof Map) return 'a dict'
  return value === null ? 'None' : typeof value
}
