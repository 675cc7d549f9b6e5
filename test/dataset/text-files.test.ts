import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ListRow, listBatches, readList } from '../../src/dataset/index.js'
import { listLine } from '../../src/dataset/list-file.js'
import { formatProperty, readProperty } from '../../src/dataset/property.js'
import { InputError } from '../../src/errors/index.js'
import { temporaryFolder } from './make-dataset.js'

const folder = await temporaryFolder()

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

  it('is read without its wrong lines where those are asked for', async () => {
    await writeFile(path, '0\t1\ta.jpg\nno tabs\n2\t1\tb.jpg\nx\t1\tc.jpg')
    const lines: (number | undefined)[] = []
    const keys: number[] = []
    for await (const rows of listBatches(path, ({ fault }) => lines.push(fault.line))) {
      keys.push(...rows.map(({ key }) => key))
    }
    expect([keys, lines]).toEqual([
      [0, 2],
      [2, 4],
    ])
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
