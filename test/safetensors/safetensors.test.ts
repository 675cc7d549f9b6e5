import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { AtomicFile } from '../../src/io/index.js'
import {
  SafetensorsFile,
  type Tensor,
  type TensorData,
  writeSafetensors,
} from '../../src/safetensors/index.js'
import { oracle, runOracle } from '../oracles/python.js'

const golden = resolve(import.meta.dirname, '../../fixtures/golden/safetensors/reference.safetensors')

/** What test/oracles/safetensors_files.py puts into the golden file. */
const goldenTensors: [string, Tensor][] = [
  ['bn.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(12345678901n) }],
  ['double', { dtype: 'F64', shape: [3], data: Float64Array.of(1e300, -0, Math.PI) }],
  [
    'conv.weight',
    { dtype: 'F32', shape: [2, 3, 2, 2], data: Float32Array.from({ length: 24 }, (_, i) => i / 8) },
  ],
  ['empty', { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) }],
  ['labels', { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 2147483647) }],
  ['half', { dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x7bff) }],
  ['image', { dtype: 'U8', shape: [2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 5) }],
  ['flags', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }],
]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-safetensors-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(
  name: string,
  tensors: Map<string, Tensor>,
  metadata?: Record<string, string>,
): Promise<string> {
  const path = join(folder, name)
  const file = await AtomicFile.create(path)
  try {
    await writeSafetensors(file, tensors, metadata)
  } catch (error) {
    await file.discard()
    throw error
  }
  await file.commit()
  return path
}

async function readAll(path: string): Promise<Map<string, Tensor>> {
  const file = await SafetensorsFile.open(path)
  const tensors = new Map<string, Tensor>()
  for (const name of file.entries.keys()) tensors.set(name, await file.read(name))
  await file.close()
  return tensors
}

describe('safetensors', () => {
  it('reads what the reference implementation wrote', async () => {
    expect([...(await readAll(golden))].sort(byName)).toEqual([...goldenTensors].sort(byName))
    const file = await SafetensorsFile.open(golden)
    expect([...file.metadata]).toEqual([['step', '7']])
    await file.close()
  })

  it('aligns every tensor to its element size and the data to 8 bytes', async () => {
    const path = await write('aligned', new Map([...goldenTensors].reverse()))
    const file = await SafetensorsFile.open(path)
    for (const [name, { offset, shape, bytes }] of file.entries) {
      const count = shape.reduce((product, length) => product * length, 1)
      if (count > 0) expect(offset % (bytes / count), name).toBe(0)
    }
    expect(Math.min(...[...file.entries.values()].map((entry) => entry.offset)) % 8).toBe(0)
    await file.close()
  })

  it('gives back any tensors, names and metadata', async () => {
    const tensor = fc.oneof(
      fc.array(fc.float({ noNaN: true })).map((values): Tensor => tensorOf('F32', Float32Array.from(values))),
      fc
        .array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))
        .map((v): Tensor => tensorOf('I64', BigInt64Array.from(v))),
      fc.uint8Array().map((data): Tensor => tensorOf('U8', data)),
    )
    const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, tensor)), fc.string(), async (list, text) => {
        const tensors = new Map(list)
        const path = await write('any', tensors, { text })
        expect([...(await readAll(path))].sort(byName)).toEqual([...tensors].sort(byName))
        const file = await SafetensorsFile.open(path)
        expect(file.metadata.get('text')).toBe(text)
        await file.close()
      }),
      { numRuns: 50 },
    )
  })

  it('refuses to write a tensor whose shape is not that of its data', async () => {
    await expect(
      write('bad', new Map([['x', { dtype: 'F32', shape: [3], data: new Float32Array(2) }]])),
    ).rejects.toThrow("tensor 'x': F32 [3] does not hold 8 bytes")
  })

  it('names a tensor that is not there', async () => {
    const file = await SafetensorsFile.open(golden)
    await expect(file.read('fc.weight')).rejects.toThrow("has no tensor 'fc.weight'")
    await file.close()
  })

  const x = (fields: object) =>
    JSON.stringify({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } })
  const y = (first: number, last: number) => ({
    dtype: 'U8',
    shape: [last - first],
    data_offsets: [first, last],
  })
  it.each<[string, string, number, string]>([
    ['no JSON', '{', 0, 'not JSON'],
    ['an array', '[]', 0, 'not a JSON object'],
    ['a tensor that is no object', '{"x":1}', 0, "'x' is not an object"],
    ['metadata that is no text', '{"__metadata__":{"a":1}}', 0, "metadata 'a' is not a string"],
    ['an unknown dtype', x({ dtype: 'constructor' }), 4, 'unknown dtype: found constructor'],
    ['a negative length', x({ shape: [-1] }), 4, 'bad shape: found [-1]'],
    ['a broken length', x({ shape: [1.5] }), 4, 'bad shape'],
    ['a shape beyond the integers', x({ shape: [2 ** 40, 2 ** 40] }), 4, 'does not have the size'],
    ['offsets that run backwards', x({ data_offsets: [4, 0] }), 4, 'bad data_offsets'],
    ['three offsets', x({ data_offsets: [0, 4, 8] }), 4, 'bad data_offsets'],
    ['a size that is not the shape', x({ data_offsets: [0, 8] }), 8, 'expected 4 bytes, found 8'],
    ['an overlap', JSON.stringify({ x: y(0, 4), y: y(2, 6) }), 6, 'overlaps'],
    ['a gap', JSON.stringify({ x: y(0, 4), y: y(6, 8) }), 8, 'leaves a gap'],
    ['data beyond the end', x({}), 3, 'do not fill the file'],
    ['bytes after the data', x({}), 5, 'do not fill the file'],
  ])('refuses %s', async (_, json, dataBytes, problem) => {
    const path = join(folder, 'hostile')
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(json)))
    await writeFile(path, Buffer.concat([length, Buffer.from(json), Buffer.alloc(dataBytes)]))
    const error = await SafetensorsFile.open(path).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InputError)
    expect((error as Error).message).toContain(problem)
    expect((error as Error).message).toContain(path)
  })

  it('refuses a header length beyond the file and a file without one', async () => {
    const path = join(folder, 'length')
    await writeFile(path, Buffer.alloc(16, 0xff))
    await expect(SafetensorsFile.open(path)).rejects.toThrow(
      'safetensors header is too long: expected at most 8 bytes',
    )
    await writeFile(path, Buffer.alloc(7))
    await expect(SafetensorsFile.open(path)).rejects.toThrow('the file ends too soon')
  })

  it('never fails otherwise than by InputError, whatever byte is changed', async () => {
    const bytes = await readFile(golden)
    const path = join(folder, 'changed')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (position, value) => {
        const changed = Buffer.from(bytes)
        changed[position] = value
        await writeFile(path, changed)
        await readAll(path).catch((error: unknown) => expect(error).toBeInstanceOf(InputError))
      }),
      { numRuns: 200 },
    )
  })

  describe.skipIf(oracle('torch') === undefined)(
    'against the reference implementation (needs the torch oracle)',
    () => {
      it('writes what it reads', async () => {
        const path = await write('ours', new Map(goldenTensors), { step: '7' })
        const read = (file: string) =>
          runOracle('torch', 'safetensors_files.py', 'read', file).then((text) => JSON.parse(text))
        expect(await read(path)).toEqual(await read(golden))
      })

      it('still writes the golden file', async () => {
        const path = join(folder, 'again')
        await runOracle('torch', 'safetensors_files.py', 'write', path)
        expect([...(await readAll(path))].sort(byName)).toEqual([...(await readAll(golden))].sort(byName))
      })
    },
  )
})

function tensorOf(dtype: Tensor['dtype'], data: TensorData): Tensor {
  return { dtype, shape: [data.length], data }
}

function byName([a]: [string, Tensor], [b]: [string, Tensor]): number {
  return a < b ? -1 : Number(a > b)
}
