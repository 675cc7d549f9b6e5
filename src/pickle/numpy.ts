import { integerValue } from './numbers.js'
import { PickleFault, PickleGlobal, PickleObject, type PickleValue } from './values.js'

/** numpy's own limit. */
const MOST_DIMENSIONS = 64

/** A numpy dtype: kind (`u` unsigned, `i` signed, `f` float, `b` bool), bytes of an element, byte order. */
export class NumpyDtype extends PickleObject {
  readonly kind: string
  readonly itemSize: number
  littleEndian = true

  constructor(kind: string, itemSize: number) {
    super()
    this.kind = kind
    this.itemSize = itemSize
  }

  get name(): string {
    return `${this.itemSize === 1 ? '' : this.littleEndian ? '<' : '>'}${this.kind}${this.itemSize}`
  }

  /** State: (version, byte order, subarray, names, fields, item size, alignment, flags). */
  override setState(state: PickleValue): void {
    const order = Array.isArray(state) ? asText(state[1]) : undefined
    if (!Array.isArray(state) || order === undefined || !['|', '<', '>', '='].includes(order)) {
      throw new PickleFault('the state of a numpy dtype is not one')
    }
    if ([state[2], state[3], state[4]].some((part) => part !== null && part !== undefined)) {
      throw new PickleFault('a numpy dtype with fields or subarrays is not supported')
    }
    this.littleEndian = order !== '>'
  }
}

/** A numpy array in C order. `data` views the bytes of the pickle. */
export class NumpyArray extends PickleObject {
  shape: number[] = [0]
  dtype = new NumpyDtype('u', 1)
  data: Uint8Array = new Uint8Array(0)

  /** State: (version, shape, dtype, whether in Fortran order, bytes). */
  override setState(state: PickleValue): void {
    if (!Array.isArray(state) || state.length !== 5)
      throw new PickleFault('the state of a numpy array is not one')
    const [, shape, dtype, fortran, data] = state
    this.fill(shape, dtype, fortran === true, data)
  }

  /** @throws PickleFault where shape, dtype and data do not fit each other */
  fill(
    shape: PickleValue | undefined,
    dtype: PickleValue | undefined,
    fortran: boolean,
    data?: PickleValue,
  ): void {
    if (!Array.isArray(shape) || shape.length > MOST_DIMENSIONS || !shape.every(isLength)) {
      throw new PickleFault('the shape of a numpy array is not a tuple of lengths')
    }
    if (!(dtype instanceof NumpyDtype)) throw new PickleFault('the dtype of a numpy array is not one')
    if (!(data instanceof Uint8Array)) throw new PickleFault('the data of a numpy array are not bytes')
    if (fortran && shape.filter((length) => length !== 1).length > 1) {
      throw new PickleFault('a numpy array in Fortran order is not supported')
    }
    const size = shape.reduce((product, length) => product * length, dtype.itemSize)
    if (size !== data.length) {
      throw new PickleFault(
        `a numpy array of shape (${shape.join(', ')}) ${dtype.name} has ${data.length} bytes`,
      )
    }
    this.shape = shape
    this.dtype = dtype
    this.data = data
  }
}

const ndarray = new PickleGlobal('numpy.ndarray', () => {
  throw new PickleFault('numpy.ndarray is only made by _reconstruct')
})

const dtype = new PickleGlobal('numpy.dtype', ([code]) => {
  const [, kind, size] = /^([biuf])([1248])$/.exec(asText(code) ?? '') ?? []
  if (kind === undefined || (kind === 'b' && size !== '1')) {
    throw new PickleFault('this numpy dtype is not supported (bool, integers and floats are)')
  }
  return new NumpyDtype(kind, Number(size))
})

const reconstruct = new PickleGlobal('numpy.core.multiarray._reconstruct', ([type]) => {
  if (type !== ndarray) throw new PickleFault('_reconstruct makes nothing but a numpy.ndarray')
  return new NumpyArray()
})

/** How protocol 5 writes an array: (bytes, dtype, shape, order). */
const frombuffer = new PickleGlobal('numpy.core.numeric._frombuffer', ([data, type, shape, order]) => {
  const array = new NumpyArray()
  array.fill(shape, type, order === 'F', data)
  return array
})

const scalar = new PickleGlobal('numpy.core.multiarray.scalar', ([type, bytes]) => {
  if (!(type instanceof NumpyDtype) || !(bytes instanceof Uint8Array) || bytes.length !== type.itemSize) {
    throw new PickleFault('a numpy scalar is not a dtype and its bytes')
  }
  return readScalar(type, bytes)
})

/** numpy arrays and scalars. numpy 2 renamed `numpy.core` to `numpy._core`; both names stand in files. */
export const numpyGlobals: ReadonlyMap<string, PickleGlobal> = new Map([
  ['numpy.ndarray', ndarray],
  ['numpy.dtype', dtype],
  ...['numpy.core', 'numpy._core'].flatMap((core): [string, PickleGlobal][] => [
    [`${core}.multiarray._reconstruct`, reconstruct],
    [`${core}.multiarray.scalar`, scalar],
    [`${core}.numeric._frombuffer`, frombuffer],
  ]),
])

function readScalar({ kind, itemSize, littleEndian }: NumpyDtype, bytes: Uint8Array): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (kind === 'b') return view.getUint8(0) !== 0
  if (kind === 'f') {
    if (itemSize === 8) return view.getFloat64(0, littleEndian)
    if (itemSize === 4) return view.getFloat32(0, littleEndian)
    throw new PickleFault(`a numpy scalar of ${itemSize}-byte floats is not supported`)
  }
  let value = 0n
  for (let i = 0; i < itemSize; i++) {
    value |= BigInt(bytes[i]!) << BigInt(8 * (littleEndian ? i : itemSize - 1 - i))
  }
  return integerValue(kind === 'i' ? BigInt.asIntN(8 * itemSize, value) : value)
}

function isLength(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Text that Python 3 wrote as str and Python 2 as bytes. */
function asText(value: PickleValue | undefined): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array && value.length <= 16 ? Buffer.from(value).toString('latin1') : undefined
}
