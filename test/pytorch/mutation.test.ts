import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EntryReader, listArchive } from '../../src/archives/index.js'
import { InputError } from '../../src/errors/index.js'
import { PytorchFile, StateDict } from '../../src/pytorch/index.js'
import { makePytorch } from './make-pytorch.js'

const golden = resolve(import.meta.dirname, '../../fixtures/golden/pytorch/tensors.pt')

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-pytorch-'))
  path = join(folder, 'damaged.pt')
})
afterAll(() => rm(folder, { recursive: true }))

/** The members of a file below its folder. */
async function membersOf(file: string): Promise<Map<string, Buffer>> {
  const { entries, format, state } = await listArchive(file, { entryBytes: 2 ** 20 })
  const reader = EntryReader.open(file, format, state)
  const rows = Array.from({ length: entries.size }, (_, row) => row)
  const members = rows.map((row): [string, Buffer] => {
    const name = entries.path(row)
    return [name.slice(name.indexOf('/') + 1), reader.read(entries.location(row))]
  })
  reader.close()
  return new Map(members)
}

/** Reads all tensors, none of which may be larger than the file: a result or a typed error. */
async function survives(bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes)
  try {
    const file = await PytorchFile.open(path)
    try {
      const state = StateDict.of(file, file.value)
      for (const name of state?.entries.keys() ?? []) {
        const { data } = await state!.read(name)
        expect(data.byteLength).toBeLessThanOrEqual(bytes.length)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
  }
}

describe('mutations', () => {
  it('data.pkl with bytes changed, under right checksums: a result or an InputError', async () => {
    const members = await membersOf(golden)
    const pickle = members.get('data.pkl')!
    const storages = Object.fromEntries(
      [...members]
        .filter(([name]) => name.startsWith('data/'))
        .map(([name, bytes]) => [name.slice(5), bytes]),
    )
    await survives(makePytorch({ value: pickle, storages }))
    const place = fc.nat(pickle.length - 1)
    const change = fc.tuple(
      place,
      fc.oneof(fc.nat(255), fc.constantFrom(0x28, 0x2e, 0x51, 0x52, 0x62, 0x71, 0x85)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const value = Buffer.from(pickle)
        for (const [at, byte] of changes) value[at] = byte
        await survives(makePytorch({ value, storages }))
      }),
      { numRuns: 1000 },
    )
  })

  it('cut anywhere: an InputError', async () => {
    const whole = await readFile(golden)
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        await writeFile(path, whole.subarray(0, length))
        await expect(PytorchFile.open(path)).rejects.toBeInstanceOf(InputError)
      }),
      { numRuns: 300 },
    )
  })
})
