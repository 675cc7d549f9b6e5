import { Opcode } from '../../src/pickle/opcodes.js'
import { makeZip, type ZipFile } from '../archives/make-zip.js'

/** What the test pickler writes: arrays are tuples, Maps are dicts. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Pickled[]
  | Map<string, Pickled>
  | Global
  | Call
  | Persistent

class Global {
  constructor(readonly name: string) {}
}
class Call {
  constructor(
    readonly name: string,
    readonly parameters: Pickled[],
  ) {}
}
class Persistent {
  constructor(readonly id: Pickled) {}
}

export const call = (name: string, ...parameters: Pickled[]): Pickled => new Call(name, parameters)

/** A storage as `torch.save` names it: class, key and number of elements. */
export function storage(type: string, key: string, elements: number): Pickled {
  return new Persistent(['storage', new Global(`torch.${type}`), key, 'cpu', elements])
}

export function tensor(held: Pickled, offset: number, shape: number[], stride: number[]): Pickled {
  return call(
    'torch._utils._rebuild_tensor_v2',
    held,
    offset,
    shape,
    stride,
    false,
    call('collections.OrderedDict'),
  )
}

/** Strides of elements in row-major order. */
export function rowMajorStride(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
}

/** A pickle of protocol 2. */
export function pickled(value: Pickled): Buffer {
  return Buffer.concat([Buffer.of(Opcode.PROTO, 2), encode(value), Buffer.of(Opcode.STOP)])
}

function encode(value: Pickled): Buffer {
  if (value === null) return Buffer.of(Opcode.NONE)
  if (typeof value === 'boolean') return Buffer.of(value ? Opcode.NEWTRUE : Opcode.NEWFALSE)
  if (typeof value === 'number') {
    const digits = Buffer.alloc(8)
    digits.writeBigInt64LE(BigInt(value))
    return Buffer.concat([Buffer.of(Opcode.LONG1, 8), digits])
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    return Buffer.concat([Buffer.of(Opcode.BINUNICODE), length, text])
  }
  if (value instanceof Global) {
    const dot = value.name.lastIndexOf('.')
    const text = `${value.name.slice(0, dot)}\n${value.name.slice(dot + 1)}\n`
    return Buffer.concat([Buffer.of(Opcode.GLOBAL), Buffer.from(text)])
  }
  if (value instanceof Call) {
    return Buffer.concat([encode(new Global(value.name)), encode(value.parameters), Buffer.of(Opcode.REDUCE)])
  }
  if (value instanceof Persistent) return Buffer.concat([encode(value.id), Buffer.of(Opcode.BINPERSID)])
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.of(Opcode.MARK), ...value.map(encode), Buffer.of(Opcode.TUPLE)])
  }
  const items = [...value].flatMap(([key, item]) => [encode(key), encode(item)])
  return Buffer.concat([Buffer.of(Opcode.EMPTY_DICT, Opcode.MARK), ...items, Buffer.of(Opcode.SETITEMS)])
}

export interface PytorchParts {
  /** The saved object, or the bytes of `data.pkl`. */
  value: Pickled | Buffer
  /** By key. */
  storages?: Record<string, Uint8Array>
  byteorder?: string
  /** Further members, and lies about those that are there, by name. */
  others?: ZipFile[]
  claims?: Record<string, Partial<ZipFile>>
}

/** A file as `torch.save` writes it: a zip of stored members below a folder. */
export function makePytorch({
  value,
  storages = {},
  byteorder,
  others = [],
  claims = {},
}: PytorchParts): Buffer {
  const data = Buffer.isBuffer(value) ? value : pickled(value)
  const members: [string, Uint8Array][] = [['data.pkl', data]]
  if (byteorder !== undefined) members.push(['byteorder', Buffer.from(byteorder)])
  for (const [key, bytes] of Object.entries(storages)) members.push([`data/${key}`, bytes])
  members.push(['version', Buffer.from('3\n')])
  return makeZip([
    ...members.map(([name, content]) => ({ name: `archive/${name}`, content, ...claims[name] })),
    ...others,
  ])
}

/** A tensor to be saved, in row-major order. */
export interface PlainTensor {
  shape: readonly number[]
  data: Float32Array | BigInt64Array
}

/** A state_dict and its storages, keyed from `firstKey` on. */
export function stateDict(
  tensors: ReadonlyMap<string, PlainTensor>,
  firstKey = 0,
): { value: Map<string, Pickled>; storages: Record<string, Uint8Array> } {
  const value = new Map<string, Pickled>()
  const storages: Record<string, Uint8Array> = {}
  for (const [name, { shape, data }] of tensors) {
    const key = String(firstKey + value.size)
    const type = data instanceof Float32Array ? 'FloatStorage' : 'LongStorage'
    value.set(name, tensor(storage(type, key, data.length), 0, [...shape], rowMajorStride(shape)))
    storages[key] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  return { value, storages }
}
