import { defaultGlobals, PickleDict, PickleFault, PickleGlobal, type PickleValue } from '../pickle/index.js'
import type { Dtype } from '../safetensors/index.js'
import { Storage, StoredTensor } from './stored-tensor.js'

/** PyTorch's own limit. */
const MOST_DIMENSIONS = 64

/** Storage classes and the type of their elements. Source: PyTorch 2.8, torch/storage.py, `_dtype_to_storage_type_map`. */
const STORAGES: readonly (readonly [name: string, dtype: Dtype])[] = [
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
]

/** A storage class, which only stands in persistent ids. */
class StorageClass extends PickleGlobal {
  readonly dtype: Dtype

  constructor(name: string, dtype: Dtype) {
    super(name, () => {
      throw new PickleFault(`${name} is only interpreted in a persistent id`)
    })
    this.dtype = dtype
  }
}

/** Arguments: storage, offset, shape, stride, whether it has a gradient, hooks, and at times metadata. */
const rebuildTensor = new PickleGlobal('torch._utils._rebuild_tensor_v2', (parameters) => {
  const [storage, offset, shape, stride] = parameters
  if (!(storage instanceof Storage)) throw new PickleFault('the storage of a tensor is not one')
  if (!isCount(offset)) throw new PickleFault('the storage offset of a tensor is not a number of elements')
  if (!isCounts(shape) || !isCounts(stride) || shape.length !== stride.length) {
    throw new PickleFault(
      `shape and stride of a tensor are not tuples of one length, up to ${MOST_DIMENSIONS} numbers`,
    )
  }
  const isEmpty = shape.includes(0)
  const end = shape.reduce((last, length, axis) => last + (length - 1) * stride[axis]!, offset) + 1
  if (!isEmpty && end > storage.elements) {
    throw new PickleFault(
      `a tensor of shape (${shape.join(', ')}), stride (${stride.join(', ')}) from element ${offset} on needs a storage ` +
        `of ${end} elements, storage ${JSON.stringify(storage.key)} has ${storage.elements}`,
    )
  }
  return new StoredTensor(storage, offset, shape, stride)
})

/** Arguments: tensor, whether it has a gradient, hooks. */
const rebuildParameter = new PickleGlobal('torch._utils._rebuild_parameter', ([tensor]) => {
  if (!(tensor instanceof StoredTensor)) throw new PickleFault('the data of a Parameter is not a tensor')
  return tensor
})

const orderedDict = new PickleGlobal('collections.OrderedDict', (parameters) => {
  if (parameters.length > 0) throw new PickleFault('OrderedDict is interpreted without arguments alone')
  return new PickleDict()
})

/** What a state_dict names, beside bytes and numpy's arrays and scalars. */
export const pytorchGlobals = new Map<string, PickleGlobal>([
  ...defaultGlobals,
  [orderedDict.name, orderedDict],
  [rebuildTensor.name, rebuildTensor],
  [rebuildParameter.name, rebuildParameter],
  ...STORAGES.map(([name, dtype]): [string, PickleGlobal] => [
    `torch.${name}`,
    new StorageClass(`torch.${name}`, dtype),
  ]),
])

/** The storage that a persistent id names: ('storage', class, key, device, number of elements). @throws PickleFault */
export function storageOf(id: PickleValue): Storage {
  const [kind, type, key, , elements] = Array.isArray(id) ? id : []
  if (kind !== 'storage' || typeof key !== 'string') {
    throw new PickleFault("the persistent id is not ('storage', class, key, device, elements)")
  }
  if (!(type instanceof StorageClass)) throw new PickleFault('the class of a storage is not one')
  if (!isCount(elements)) throw new PickleFault('the size of a storage is not a number of elements')
  return new Storage(key, type.dtype, elements)
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= MOST_DIMENSIONS && value.every(isCount)
}
