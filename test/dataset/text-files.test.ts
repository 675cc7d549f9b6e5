import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ListRow, readList, readListColumns } from '../../src/dataset/index.js'
import { listLine } from '../../src/dataset/list-file.js'
import { formatProperty, readProperty } from '../../src/dataset/property.js'
import { InputError } from '../../src/errors/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()

describe('property', () => {
  const path = join(folder, 'property')
  const read = async (text: string) => {
    await writeFile(path, text)
    return readProperty(path)
  }

  it('may lack its newline, and have a second line with the number of images', async () => {
    expect(await read('8277,112,112')).toEqual({ identities: 8277, height: 112, width: 112 })
    expect(await read('25, 96,112\r\n367888\n')).toEqual({
      identities: 25,
      height: 96,
      width: 112,
      images: 367_888,
    })
    expect(await read(formatProperty({ identities: 2, height: 3, width: 4 }))).toEqual({
      identities: 2,
      height: 3,
      width: 4,
    })
  })

  it.each(['', '\n', '25,112', '25,112,112,3', '25,x,112', '0,112,112', '-1,112,112', '2.5,112,112', ',,'])(
    '%j is an error that names the file',
    async (text) => {
      const error = await read(text).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(InputError)
      expect((error as InputError).fault).toMatchObject({
        file: path,
        line: 1,
        expected: 'classes,height,width',
      })
    },
  )
})

describe('list file', () => {
  const path = join(folder, 'train.lst')
  const read = async (text: string) => {
    await writeFile(path, text)
    const rows: ListRow[] = []
    for await (const row of readList(path)) rows.push(row)
    return rows
  }

  it("in im2rec's order: key, labels, path", async () => {
    expect(await read('80\t4.000000\ta/b c.jpg\r\n3\t1\t0.5\t-2\td.jpg\n\n')).toEqual([
      { key: 80, label: 4, path: 'a/b c.jpg' },
      { key: 3, label: 1, path: 'd.jpg' },
    ])
  })

  it("in insightface's order the line is the key: aligned, path, label", async () => {
    expect(await read('1\tval/a/1.jpg\t0\n1\tval/b/2.jpg\t1\t5\t6')).toEqual([
      { key: 1, label: 0, path: 'val/a/1.jpg' },
      { key: 2, label: 1, path: 'val/b/2.jpg' },
    ])
  })

  it('keeps every path on its line, whatever characters it has', async () => {
    const line = listLine({ key: 1, label: 2, path: 'a\tb\nc/é 人.jpg' })
    expect(await read(line)).toEqual([{ key: 1, label: 2, path: 'a\ufffdb\ufffdc/é 人.jpg' }])
  })

  it('gives keys and labels alone, without its wrong lines', async () => {
    const columns = async (text: string) => {
      await writeFile(path, text)
      const lines: (number | undefined)[] = []
      const { keys, labels } = await readListColumns(path, ({ fault }) => lines.push(fault.line))
      return { keys: [...keys], labels: [...labels], lines }
    }
    expect(
      await columns('0\t1\ta.jpg\nno tabs\n\n2\t3.000000\tb.jpg\r\nx\t1\tc.jpg\n5\t0.5\t2\td.jpg'),
    ).toEqual({
      keys: [0, 2, 5],
      labels: [1, 3, 0.5],
      lines: [2, 5],
    })
    expect(await columns('1\tval/a/1.jpg\t7\n1\t2\n1\tval/b/2.jpg\t-1\n')).toEqual({
      keys: [1, 3],
      labels: [7, -1],
      lines: [2],
    })
    await expect(columns('x'.repeat(9_000_000))).rejects.toThrow('a line is longer')
    expect(await columns('9007199254740993\t1\ta\n12\t1e1\tb\n')).toEqual({
      keys: [12],
      labels: [10],
      lines: [1],
    })
  })

  it('of more than one read gives all its keys and labels', async () => {
    const line = (key: number) => `${key}\t${key % 100}.000000\t${'long/'.repeat(20)}${key}.jpg\n`
    await writeFile(path, Array.from({ length: 100_000 }, (_, key) => line(key)).join(''))
    const { keys, labels } = await readListColumns(path, ({ message }) => expect.fail(message))
    expect(keys.length).toBe(100_000)
    expect(keys.every((key, i) => key === i) && labels.every((label, i) => label === i % 100)).toBe(true)
  })

  it.each([
    '0\t1\ta.jpg\nno tabs here',
    '0\t1\ta.jpg\n1\ta.jpg',
    '0\t1\ta.jpg\nx\t1\ta.jpg',
    '0\t1\ta.jpg\n1\ta.jpg\tz',
  ])('%j is an error in line 2', async (text) => {
    const error = await read(text).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).fault).toMatchObject({ file: path, line: 2 })
  })
})
