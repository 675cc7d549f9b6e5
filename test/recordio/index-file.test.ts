import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { indexLine, readIndex } from '../../src/recordio/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const path = join(temporaryFolder(), 'train.idx')

async function read(text: string) {
  await writeFile(path, text)
  const { keys, offsets } = await readIndex(path)
  return Array.from(keys, (key, i) => [key, offsets[i]!])
}

describe('index file', () => {
  it('comes back line by line', async () => {
    const line = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat())
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 50 }), async (lines) => {
        expect(await read(lines.map(([key, offset]) => indexLine(key, offset)).join(''))).toEqual(lines)
      }),
      { numRuns: 50 },
    )
  })

  it('may lack the last newline, hold blank lines and Windows line ends', async () => {
    expect(await read('0\t0\r\n\n7\t40')).toEqual([
      [0, 0],
      [7, 40],
    ])
    expect(await read('')).toEqual([])
  })

  it('is read without its wrong lines where those are asked for', async () => {
    await writeFile(path, '0\t0\nx\n1\t4\t4\n2\t9007199254740993\n3\t12\n4\n\n5\t')
    const lines: (number | undefined)[] = []
    const { keys, offsets } = await readIndex(path, ({ fault }) => lines.push(fault.line))
    expect([...keys]).toEqual([0, 3])
    expect([...offsets]).toEqual([0, 12])
    expect(lines).toEqual([2, 3, 4, 6, 8])
  })

  it('longer than one read is whole', async () => {
    const count = 600_000
    const lines = await read(Array.from({ length: count }, (_, i) => indexLine(i, i * 5000)).join(''))
    expect(lines.length).toBe(count)
    expect(lines.every(([key, offset], i) => key === i && offset === i * 5000)).toBe(true)
  })

  it.each([
    ['a letter', '0\t0\n1\tx\n'],
    ['a negative offset', '0\t0\n1\t-4\n'],
    ['one number', '0\t0\n1\n'],
    ['three numbers', '0\t0\n1\t2\t3\n'],
    ['no key', '0\t0\n\t2\n'],
    ['no offset', '0\t0\n1\t\n'],
    ['a number beyond 2^53', '0\t0\n1\t9007199254740993\n'],
    ['a fraction', '0\t0\n1\t4.5\n'],
    ['a blank line and a letter', '\n1\tx\n'],
  ])('with %s is an error that names file and line', async (_, text) => {
    const error = await read(text).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ file: path, line: 2 })
  })
})
