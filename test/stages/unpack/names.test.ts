import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileNames } from '../../../src/stages/unpack/file-names.js'
import { NameRegister } from '../../../src/stages/unpack/name-register.js'
import { fitName, safeName } from '../../../src/stages/unpack/safe-name.js'

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '../../etc/passwd',
    'C:\\x',
    '/abs',
    'con',
    'NUL.jpg',
    'a',
    'A',
    'a. ',
    '\0',
  ),
  fc.string({ unit: 'grapheme', minLength: 200, maxLength: 400 }),
)

/** One component of a path that every file system takes, and that pack does not pass over. */
function expectGoodName(name: string): void {
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
  expect(name).toMatch(/^[^<>:"/\\|?*\p{Cc}]+$/u)
  expect(name).toMatch(/^[^.].*$|^[^.]$/s)
  expect(name).not.toMatch(/[. ]$/)
  expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
}

const folded = (name: string) => name.normalize('NFC').toLowerCase()

describe('a safe name', () => {
  it.each([
    ['Ann Lee.jpg', 'Ann Lee.jpg'],
    ['Zoë', 'Zoë'],
    ['..', '__'],
    ['../x', '_._x'],
    ['/etc/passwd', '_etc_passwd'],
    ['.hidden', '_hidden'],
    ['a:b*c', 'a_b_c'],
    ['tab\there', 'tab_here'],
    ['end.', 'end_'],
    ['', '_'],
    ['aux.jpg', '_aux.jpg'],
    ['auxiliary', 'auxiliary'],
  ])('of %j is %j', (name, expected) => {
    expect(safeName(name)).toBe(expected)
  })

  it('is cut between characters, before what must stay', () => {
    expect(fitName('ab', '.jpg')).toBe('ab.jpg')
    const long = fitName('é'.repeat(200), ' (2).jpg')
    expect(long).toBe(`${'é'.repeat(123)} (2).jpg`)
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255)
  })
})

describe('a name register', () => {
  it('numbers what is taken, also by another case or composition of letters', () => {
    const register = new NameRegister(8)
    const take = (name: string) => register.take(0, name, '.jpg')
    expect([take('a.jpg'), take('A.jpg'), take('a.jpg'), take('a.jpg (2).jpg')]).toEqual([
      'a.jpg',
      'A.jpg (2).jpg',
      'a.jpg (3).jpg',
      'a.jpg (2).jpg (2).jpg',
    ])
    expect([take('\u00e9.jpg'), take('e\u0301.jpg')]).toEqual(['\u00e9.jpg', 'e\u0301.jpg (2).jpg'])
    expect(register.take(1, 'a.jpg', '.jpg')).toBe('a.jpg')
  })

  it('numbers a hundred thousand equal names without counting from the start for each', () => {
    const register = new NameRegister(100_000)
    let last = ''
    for (let i = 0; i < 100_000; i++) last = register.take(0, 'same')
    expect(last).toBe('same (100000)')
  })
})

describe('names of files and folders', () => {
  it('stay; an extension that does not say the format gets the one that does behind it', () => {
    const names = new FileNames(['Ann', undefined, 'ann'], 5)
    expect(names.folders).toEqual(['Ann', '1', 'ann (2)'])
    const fileOf = (path: string, format: string, key = 7) => names.fileOf({ key, label: 0, path, format })
    expect(fileOf('x/1.JPG', 'jpeg')).toBe('1.JPG')
    expect(fileOf('x\\2.png', 'jpeg')).toBe('2.png.jpg')
    expect(fileOf('3', 'webp')).toBe('3.webp')
    expect(fileOf('4.jp2', 'unknown')).toBe('4.jp2')
    expect(fileOf('', 'png')).toBe('00000007.png')
    expect(names.changed).toBe(3)
  })

  it('leave the files beside the folders their names', () => {
    expect(new FileNames(['images.lst', 'Skipped.jsonl'], 0).folders).toEqual([
      'images.lst (2)',
      'Skipped.jsonl (2)',
    ])
  })

  it('are safe, distinct and the same each time, whatever the manifest says', () => {
    const images = fc.array(
      fc.record({ label: fc.nat(3), path: hostile, format: fc.constantFrom('jpeg', 'unknown') }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.option(hostile, { nil: undefined }), { minLength: 4, maxLength: 4 }),
        images,
        (people, files) => {
          const give = () => {
            const names = new FileNames(people, files.length)
            const paths = files.map((file, key) => `${file.label}/${names.fileOf({ key, ...file })}`)
            return { folders: names.folders, paths }
          }
          const { folders, paths } = give()
          for (const name of [...folders, ...paths.map((path) => path.slice(2))]) expectGoodName(name)
          expect(new Set(folders.map(folded)).size).toBe(folders.length)
          expect(new Set(paths.map(folded)).size).toBe(paths.length)
          expect(give()).toEqual({ folders, paths })
        },
      ),
      { numRuns: 2000 },
    )
  })
})
