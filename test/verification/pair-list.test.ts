import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ImageFolder, type ListedPair, parsePairList } from '../../src/verification/index.js'
import { testData } from '../oracles/data.js'
import { temporaryFolder } from '../temporary-folder.js'

const short = ({ images, same, fold, line }: ListedPair) =>
  [
    ...images.map((image) => ('path' in image ? image.path : `${image.name}#${image.number}`)),
    same,
    fold,
    line,
  ] as const

describe('parsePairList', () => {
  it("LFW's, with folds, tabs and Windows line ends", () => {
    const text = '\uFEFF2\t1\r\nA B\t1\t2\r\nA B\t1\tC\t3\r\n\r\nD\t4\t5\r\nD\t4\tE\t6\r\n'
    expect(parsePairList(text, 'p.txt').map(short)).toEqual([
      ['A B#1', 'A B#2', true, 0, 2],
      ['A B#1', 'C#3', false, 0, 3],
      ['D#4', 'D#5', true, 1, 5],
      ['D#4', 'E#6', false, 1, 6],
    ])
  })

  it('a header of one number, spaces, numbers of floating point, self pairs', () => {
    expect(parsePairList('1\nA 672. 672.0\nA 0001 B 2\n', 'p.txt').map(short)).toEqual([
      ['A#672', 'A#672', true, undefined, 2],
      ['A#1', 'B#2', false, undefined, 3],
    ])
  })

  it('no header; names that are numbers', () => {
    expect(parsePairList('17 3 1\n17 3 18 1', 'p.txt').map(short)).toEqual([
      ['17#3', '17#1', true, undefined, 1],
      ['17#3', '18#1', false, undefined, 2],
    ])
  })

  it('paths with 0 and 1, and with folds', () => {
    expect(parsePairList('a/1.png b/2.png 0\na/1.png a/3.png 1\n', 'p.txt').map(short)).toEqual([
      ['a/1.png', 'b/2.png', false, undefined, 1],
      ['a/1.png', 'a/3.png', true, undefined, 2],
    ])
    expect(parsePairList('a b/1.png\tc/2.png\t1\t0\nx\ty\t0\t1\n', 'p.txt').map(short)).toEqual([
      ['a b/1.png', 'c/2.png', true, 0, 1],
      ['x', 'y', false, 1, 2],
    ])
  })

  it.each([
    ['', /p\.txt: the pair list is empty/],
    ['2 1\nA 1 2\nA 1 B 1\n', /expected 4 pairs \(2 folds of 1 \+ 1\), found 2/],
    ['A 1 2\nA one B 2\n', /line 2: is not a pair: expected name number number.*found "A one B 2"/],
    ['A 1\nA 1 2\n', /line 1: is not a pair/],
    ['0 1\nA 1 2\nA 1 B 1\n', /line 1: is not a pair/],
    ['a.png b.png 1\na.png b.png 2\n', /line 2: is not a pair: expected path, path, 0 or 1/],
    ['a.png b.png 1 0\na.png c.png 0\n', /line 2: some pairs have a fold/],
    ['Anna Maria 1 2 3\n', /need tabs/],
  ])('%j is refused', (text, message) => {
    expect(() => parsePairList(text, 'p.txt')).toThrow(message)
  })
})

describe('ImageFolder', () => {
  it('of files that differ in the case of their extension takes the first by name, in whatever order the disk has them', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'A'))
    const numbers = Array.from({ length: 12 }, (_, number) => number)
    for (const number of numbers) {
      const extensions = number % 2 === 0 ? ['jpg', 'JPG'] : ['JPG', 'jpg']
      for (const extension of extensions) writeFileSync(join(folder, 'A', `A_${number}.${extension}`), '')
    }
    const images = new ImageFolder(folder)
    const found = await Promise.all(numbers.map(async (number) => images.find({ path: `A/A_${number}.png` })))
    expect(found).toEqual(numbers.map((number) => ({ path: `A/A_${number}.JPG`, otherExtension: true })))
  })

  it('finds images under the usual names, and says what is missing', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'A'))
    for (const file of ['A_0001.png', 'A_0001.jpg', 'A_2.JPEG', 'A_0003.txt', 'B_0004.jpg', 'x.y.webp']) {
      writeFileSync(join(folder, 'A', file), '')
    }
    const images = new ImageFolder(folder)
    const find = (name: string, number: number) => images.find({ name, number })
    expect(await find('A', 1)).toEqual({ path: 'A/A_0001.jpg', otherExtension: false })
    expect(await find('A', 2)).toEqual({ path: 'A/A_2.JPEG', otherExtension: false })
    expect(await find('A', 3)).toEqual({ missing: 'A has no A_0003.jpg among its 6 files' })
    expect(await find('A', 4)).toEqual({ missing: 'A has no A_0004.jpg among its 6 files' })
    expect(await find('B', 4)).toEqual({ missing: 'there is no folder B' })
    expect(await images.find({ path: 'A/A_0001.png' })).toEqual({
      path: 'A/A_0001.png',
      otherExtension: false,
    })
    expect(await images.find({ path: './A/x.y.png' })).toEqual({ path: 'A/x.y.webp', otherExtension: true })
    expect(await images.find({ path: 'A/z.png' })).toEqual({
      missing: 'there is no A/z.png, nor with another extension',
    })
  })
})

const data = testData()
describe.skipIf(data === undefined)('published lists (needs ../shared/data)', () => {
  const parse = (file: string) => parsePairList(readFileSync(join(data!, file), 'utf8'), file)
  const kinds = (pairs: ListedPair[]) => [
    pairs.filter(({ same }) => same).length,
    pairs.filter(({ same }) => !same).length,
  ]

  it.each([
    ['pairs/lfw_pairs.txt', 3000, 3000],
    ['pairs/lfw_pairsDevTrain.txt', 1100, 1100],
    ['pairs/danbinabo_pairs.txt', 3000, 3000],
    ['kz/pairs_new.txt', 500, 500],
    ['kz/training_pairs.txt', 750, 0],
  ])('%s', (file, same, different) => {
    expect(kinds(parse(file))).toEqual([same, different])
  })

  it('gives lfw_pairs.txt its ten folds of 300 and 300', () => {
    const pairs = parse('pairs/lfw_pairs.txt')
    for (let fold = 0; fold < 10; fold++) {
      expect(kinds(pairs.filter((pair) => pair.fold === fold))).toEqual([300, 300])
    }
  })

  it.each([
    ['pairs/lfw_pairsDevTrain.txt', 'lfw', [1100, 100]],
    ['kz/pairs_new.txt', 'kz/images', undefined],
  ])('%s: pairs whose images are in %s', async (file, folder, expected) => {
    const images = new ImageFolder(join(data!, folder))
    const usable: ListedPair[] = []
    for (const pair of parse(file)) {
      const found = await Promise.all(pair.images.map((image) => images.find(image)))
      if (found.every((image) => 'path' in image)) usable.push(pair)
    }
    if (expected !== undefined) expect(kinds(usable)).toEqual(expected)
    else expect(usable.length).toBeGreaterThan(0)
  })
})
