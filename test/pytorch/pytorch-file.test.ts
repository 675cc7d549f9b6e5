import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { PytorchFile, StateDict } from '../../src/pytorch/index.js'
import { type Tensor, toFloat32 } from '../../src/safetensors/index.js'
import { oracle, runOracle } from '../oracles/python.js'
import { call, makePytorch, type Pickled, type PytorchParts, storage, tensor } from './make-pytorch.js'

const golden = resolve(import.meta.dirname, '../../fixtures/golden/pytorch')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-pytorch-'))
})
afterAll(() => rm(folder, { recursive: true }))

const TYPES: Record<string, string> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
}

/** A tensor as test/oracles/pytorch_files.py describes it. */
function describeTensor(tensor: Tensor): object {
  const floats = tensor.dtype === 'F64' ? (tensor.data as Float64Array) : toFloat32(tensor)
  const values = floats === undefined ? Array.from(tensor.data, String) : [...floats]
  return { dtype: TYPES[tensor.dtype], shape: tensor.shape, values }
}

async function readAll(path: string): Promise<Record<string, object>> {
  const file = await PytorchFile.open(path)
  try {
    const state = StateDict.of(file, file.value)!
    const found: Record<string, object> = {}
    for (const name of state.entries.keys()) found[name] = describeTensor(await state.read(name))
    return found
  } finally {
    await file.close()
  }
}

async function written(parts: PytorchParts): Promise<string> {
  const path = join(folder, 'made.pt')
  await writeFile(path, makePytorch(parts))
  return path
}

/** The error that reading all of it gives. */
async function refusal(parts: PytorchParts): Promise<string> {
  const error: unknown = await readAll(await written(parts)).catch((reason) => reason)
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
const one = (held: Pickled, offset: number, shape: number[], stride: number[]) =>
  new Map([['x', tensor(held, offset, shape, stride)]])

describe('PytorchFile', () => {
  it('reads what PyTorch wrote: every type, strides, offsets, shared storages, Parameters', async () => {
    const expected = JSON.parse(await readFile(join(golden, 'tensors.json'), 'utf8'))
    const found = await readAll(join(golden, 'tensors.pt'))
    expect(found).toEqual(expected)
    expect(Object.keys(found)).toEqual(Object.keys(expected))
  })

  it('reads a checkpoint with the states of optimizer and schedule', async () => {
    const file = await PytorchFile.open(join(golden, 'checkpoint.pt'))
    const value = file.value as Map<string, never>
    expect(value.get('global_step')).toBe(2)
    const head = StateDict.of(file, value.get('state_dict_softmax_fc'))!
    expect(head.entries.get('weight')!.shape).toEqual([4, 2])
    const backbone = StateDict.of(file, value.get('state_dict_backbone'))!
    expect((await backbone.read('1.num_batches_tracked')).data).toEqual(BigInt64Array.of(2n))
    await file.close()
  })

  it('turns big-endian elements round, once for all tensors of a storage', async () => {
    const bytes = Buffer.from(floats(1, 2, 3)).swap32()
    const held = storage('FloatStorage', '0', 3)
    const value = new Map([
      ['a', tensor(held, 0, [2], [1])],
      ['b', tensor(held, 1, [2], [1])],
    ])
    const found = await readAll(await written({ value, storages: { 0: bytes }, byteorder: 'big' }))
    expect(found).toMatchObject({ a: { values: [1, 2] }, b: { values: [2, 3] } })
  })

  it('reads members whose sizes and places are in 64 bits, as beyond 4 GiB', async () => {
    const value = one(storage('FloatStorage', '0', 2), 0, [2], [1])
    const claims = { 'data/0': { zip64: true }, 'data.pkl': { zip64: true } }
    const found = await readAll(await written({ value, storages: { 0: floats(1, 2) }, claims }))
    expect(found).toEqual({ x: { dtype: 'float32', shape: [2], values: [1, 2] } })
  })

  it('refuses the form before PyTorch 1.6, and says how to write it anew', async () => {
    await expect(readAll(join(golden, 'legacy.pt'))).rejects.toThrow(
      /is in the form that PyTorch before 1\.6 wrote: expected the zip form\. Write it anew .*torch\.save\(torch\.load\(f, map_location='cpu'\), f\)/,
    )
    const tar = Buffer.alloc(1024)
    tar.write('ustar', 257)
    await writeFile(join(folder, 'tar.pt'), tar)
    await expect(readAll(join(folder, 'tar.pt'))).rejects.toThrow('the first versions of PyTorch wrote')
  })

  it('executes nothing: a global that it does not know is named with its offset', async () => {
    await expect(readAll(join(golden, 'module.pt'))).rejects.toThrow(
      /module\.pt: data\.pkl: at offset 2: pickle opcode GLOBAL: it names "torch\.nn\.modules\.linear\.Linear", which is not interpreted\. Nothing in this file was executed\. Save tensors alone: torch\.save\(model\.state_dict\(\)/,
    )
    expect(await refusal({ value: call('posix.system', 'touch /tmp/x') })).toContain('"posix.system"')
    expect(await refusal({ value: call('builtins.getattr', 'a', 'b') })).toContain('"builtins.getattr"')
  })
})

describe('hostile files', () => {
  const held = storage('FloatStorage', '0', 4)
  const storages = { 0: floats(1, 2, 3, 4) }

  it.each<[string, PytorchParts, string]>([
    [
      'a tensor beyond its storage',
      { value: one(held, 2, [3], [1]), storages },
      'from element 2 on needs a storage of 5 elements, storage "0" has 4',
    ],
    [
      'a stride beyond it',
      { value: one(held, 0, [2, 2], [3, 1]), storages },
      'needs a storage of 5 elements',
    ],
    [
      'a negative offset',
      { value: one(held, -1, [1], [1]), storages },
      'offset of a tensor is not a number of',
    ],
    ['a negative length', { value: one(held, 0, [-1], [1]), storages }, 'are not tuples of one length'],
    [
      'stride and shape of two lengths',
      { value: one(held, 0, [1, 2], [1]), storages },
      'tuples of one length',
    ],
    ['65 axes', { value: one(held, 0, Array(65).fill(1), Array(65).fill(1)), storages }, 'up to 64 numbers'],
    [
      'much made of little by strides of 0',
      { value: one(held, 0, [2 ** 30, 2 ** 20], [0, 0]), storages },
      'its tensors are larger together than the file can hold',
    ],
    [
      'more elements than a number counts',
      { value: one(held, 0, [2 ** 40, 2 ** 40], [0, 0]), storages },
      'found NaN',
    ],
    [
      'a storage that is smaller than it says',
      { value: one(storage('FloatStorage', '0', 5), 0, [5], [1]), storages },
      'storage "0" has another size than data.pkl says: expected 20 bytes (5 F32), found 16',
    ],
    ['no storage', { value: one(storage('FloatStorage', '7', 4), 0, [4], [1]) }, 'has no member "data/7"'],
    [
      'a storage that ends after the file',
      {
        value: one(storage('FloatStorage', '0', 2 ** 28), 0, [2 ** 20], [1]),
        storages,
        claims: { 'data/0': { claims: { bytes: 2 ** 30, storedBytes: 2 ** 30 } } },
      },
      'member "archive/data/0": the file is too large: expected at most',
    ],
    [
      'a damaged storage',
      { value: one(held, 0, [4], [1]), storages, claims: { 'data/0': { claims: { crc32: 1 } } } },
      'the CRC-32 of the file differs',
    ],
    [
      'compressed storages',
      { value: one(held, 0, [4], [1]), storages, claims: { 'data/0': { deflate: true } } },
      'member "archive/data/0": it is compressed, which PyTorch never does',
    ],
    [
      'two storages of one name',
      { value: 1, storages, others: [{ name: 'archive/data/0' }] },
      'member "archive/data/0": there are two of that name',
    ],
    [
      'an unknown byte order',
      { value: 1, byteorder: 'middle' },
      'byteorder holds no byte order: expected little or big, found "middle"',
    ],
    [
      'a TorchScript program',
      { value: 1, others: [{ name: 'archive/constants.pkl' }] },
      'is a TorchScript program',
    ],
    [
      'a storage class without a storage',
      { value: call('torch.FloatStorage', 4) },
      'torch.FloatStorage is only interpreted in a persistent id',
    ],
    [
      'a tensor of no storage',
      { value: call('torch._utils._rebuild_tensor_v2', 'a', 0, [1], [1]) },
      'the storage of a tensor is not one',
    ],
    ['an empty pickle', { value: Buffer.alloc(0) }, 'the pickle ends without a STOP opcode'],
    [
      'marks within marks',
      { value: Buffer.concat([Buffer.of(0x80, 2), Buffer.alloc(5000, '(')]) },
      'more than 1000 open marks',
    ],
    ['dicts without end', { value: Buffer.alloc(2 ** 22, '}') }, 'bytes of memory beside its own'],
  ])('%s', async (_, parts, message) => {
    expect(await refusal(parts)).toContain(message)
  })

  it('a list that holds itself is a value like any other', async () => {
    // [self]: EMPTY_LIST, BINPUT 0, BINGET 0, APPEND.
    const loop = Buffer.from([0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e])
    const file = await PytorchFile.open(await written({ value: loop }))
    expect(StateDict.of(file, file.value)).toBeUndefined()
    await file.close()
  })

  it('a tensor of no axis that is longer than 1 takes its one element', async () => {
    const found = await readAll(await written({ value: one(held, 3, [], []), storages }))
    expect(found).toEqual({ x: { dtype: 'float32', shape: [], values: [4] } })
  })

  it('what is no zip, or no zip of torch.save, is said to be none', async () => {
    const path = join(folder, 'other.pt')
    await writeFile(path, 'hello, world')
    await expect(readAll(path)).rejects.toThrow('is not a file of torch.save: expected a zip')
    await writeFile(path, '')
    await expect(readAll(path)).rejects.toThrow('found an empty file')
    await writeFile(path, makePytorch({ value: 1 }).subarray(0, 60))
    await expect(readAll(path)).rejects.toThrow('the zip archive cannot be read')
    await expect(readAll(join(folder, 'none.pt'))).rejects.toBeInstanceOf(InputError)
  })
})

describe.skipIf(oracle('torch') === undefined)('against PyTorch (needs the torch oracle)', () => {
  it('still writes the golden files', async () => {
    await runOracle('torch', 'pytorch_files.py', 'write', folder)
    for (const name of ['tensors.pt', 'checkpoint.pt', 'module.pt', 'tensors.json']) {
      expect((await readFile(join(folder, name))).equals(await readFile(join(golden, name))), name).toBe(true)
    }
    expect(await readAll(join(folder, 'tensors.pt'))).toEqual(
      JSON.parse(await readFile(join(folder, 'tensors.json'), 'utf8')),
    )
  })

  it('makes test files that PyTorch reads as we do', async () => {
    const held = storage('FloatStorage', '0', 4)
    const value = one(held, 1, [2, 1], [2, 1])
    const path = await written({ value, storages: { 0: floats(1, 2, 3, 4) } })
    const read = JSON.parse(await runOracle('torch', 'pytorch_files.py', 'read', path))
    expect(read).toEqual({ x: { dtype: 'float32', shape: [2, 1], values: [2, 4] } })
    expect(await readAll(path)).toEqual(read)
  })
})
