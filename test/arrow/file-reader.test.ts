import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Bool,
  Field,
  Float64,
  Int32,
  Schema,
  Table,
  tableToIPC,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { ArrowFileReader, readArrowFile } from '../../src/arrow/index.js'
import { InputError } from '../../src/errors/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()
const path = join(folder, 'table.arrow')

const wanted = new Schema([
  new Field('name', new Utf8(), true),
  new Field('label', new Int32()),
  new Field('hash', new Uint64()),
])

const columns = {
  weight: vectorFromArray([0.5, 1.5, 2.5], new Float64()),
  label: vectorFromArray([7, -1, 2 ** 31 - 1], new Int32()),
  name: vectorFromArray(['ann', null, 'Zoë'], new Utf8()),
  hash: vectorFromArray([1n, 2n ** 64n - 1n, 0n], new Uint64()),
}

async function write(table: Table, format: 'file' | 'stream' = 'file'): Promise<void> {
  await writeFile(path, tableToIPC(table, format))
}

async function rows(): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const batch of readArrowFile(path, wanted)) for (const row of batch) found.push(row?.toJSON())
  return found
}

async function failure(): Promise<string> {
  const error = await rows().catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(InputError)
  expect((error as InputError).fault.file).toBe(path)
  return (error as InputError).message
}

describe('an Arrow file', () => {
  it('of apache-arrow is read by the columns that are wanted, in their order, whatever else it has', async () => {
    await write(new Table(columns))
    expect(await rows()).toEqual([
      { name: 'ann', label: 7, hash: 1n },
      { name: null, label: -1, hash: 2n ** 64n - 1n },
      { name: 'Zoë', label: 2 ** 31 - 1, hash: 0n },
    ])
  })

  it('of no rows, and of several batches, is read', async () => {
    await write(new Table({ ...columns }).slice(0, 0))
    expect(await rows()).toEqual([])
    const table = new Table(columns)
    await write(table.concat(table.slice(1), table.slice(2)))
    const file = await ArrowFileReader.open(path, wanted)
    expect(file.batches).toBeGreaterThan(1)
    await file.close()
    expect((await rows()).length).toBe(6)
  })

  it('that is none, or lacks a column, or has one of another type, is an error that says so', async () => {
    await write(new Table(columns), 'stream')
    expect(await failure()).toMatch(/not a readable Arrow file: it does not end with ARROW1/)
    await writeFile(path, '')
    expect(await failure()).toMatch(/not a readable Arrow file: it is too short/)
    await write(new Table({ name: columns.name, label: columns.label }))
    expect(await failure()).toMatch(
      /column hash is missing or of another type: expected Uint64, found no such/,
    )
    await write(new Table({ ...columns, hash: columns.weight }))
    expect(await failure()).toMatch(
      /column hash is missing or of another type: expected Uint64, found Float64/,
    )
    await write(new Table({ ...columns, sure: vectorFromArray([true, false, true], new Bool()) }))
    expect(await failure()).toMatch(/column sure is of a type that is not read here/)
    await write(new Table({ ...columns, name: vectorFromArray(['a', 'b', 'a']) }))
    expect(await failure()).toMatch(/not a readable Arrow file: it has dictionaries/)
  })
})
