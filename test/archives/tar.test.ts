import { describe, expect, it } from 'vitest'
import { EntryReader, listArchive } from '../../src/archives/index.js'
import { InputError } from '../../src/errors/index.js'
import { listBytes, readBytes, temporaryFile } from './list.js'
import { makeTar, makeTarMember, paxHeader, type TarFile } from './make-tar.js'

const content = Buffer.from('the content of a file')

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await readBytes(bytes).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

async function paths(files: TarFile[]): Promise<string[]> {
  return (await readBytes(makeTar(files))).map(({ path }) => path)
}

describe('a tar', () => {
  it('is read in the forms of POSIX, GNU and before them', async () => {
    for (const magic of ['ustar', 'gnu', 'none'] as const) {
      const files: TarFile[] = [
        { name: 'a/', type: '5', magic },
        { name: 'a/1.jpg', content, magic },
        { name: 'a/block.jpg', content: Buffer.alloc(512, 'x'), magic },
        { name: 'a/empty.jpg', magic },
        { name: 'b/', type: '\0', magic },
        { name: 'b/old.jpg', content, type: '\0', magic },
        { name: 'b/contiguous.jpg', content, type: '7', magic },
        { name: 'b/large.jpg', content, binarySize: true, magic },
      ]
      expect(await readBytes(makeTar(files))).toEqual(
        files
          .filter(({ name }) => !String(name).endsWith('/'))
          .map(({ name, content = '' }) => ({
            path: name,
            content: Buffer.from(content).toString('latin1'),
          })),
      )
    }
    expect(await readBytes(makeTar([]))).toEqual([])
  })

  it('has long names in a prefix, in a GNU header, or in a pax header', async () => {
    const long = `${'folder/'.repeat(40)}1.jpg`
    expect(
      await paths([
        { name: 'b/1.jpg', prefix: 'folder/folder' },
        { name: '././@LongLink', type: 'L', content: Buffer.from(`${long}\0`) },
        { name: long.slice(0, 100), prefix: 'not/taken' },
        { name: '././@LongLink', type: 'K', content: Buffer.from(`${long}\0`) },
        { name: 'after.jpg' },
        paxHeader({ mtime: '1.5', path: 'Zoë/line.jpg', comment: 'two\nlines' }),
        { name: 'short.jpg', prefix: 'not/taken' },
        paxHeader({ comment: 'of all files' }, 'g'),
        { name: 'last.jpg' },
      ]),
    ).toEqual(['folder/folder/b/1.jpg', long, 'after.jpg', 'Zoë/line.jpg', 'last.jpg'])
  })

  it('takes the size of a pax header before that of its own', async () => {
    const found = await readBytes(
      makeTar([paxHeader({ size: '21' }), { name: 'a.jpg', content, size: 0 }, { name: 'b.jpg', content }]),
    )
    expect(found).toEqual(['a.jpg', 'b.jpg'].map((path) => ({ path, content: content.toString() })))
  })

  it('lists names that are no path below a folder', async () => {
    const found = await readBytes(
      makeTar([
        { name: '../../etc/1.jpg', content },
        { name: '/etc/1.jpg', content },
        { name: 'a\\..\\..\\1.jpg', content },
        { name: 'c:/1.jpg', content },
        { name: Buffer.from([0x61, 0xe9, 0x2e, 0x6a]), content },
        paxHeader({ path: 'a\n/1.jpg' }),
        { name: '1.jpg', content },
        { name: './a//./1.jpg', content },
        { name: 'back\\slash.jpg', content },
      ]),
    )
    expect(found.map((entry) => ('problem' in entry ? entry.problem : entry.path))).toEqual([
      'its name leads out of the archive',
      'its name is an absolute path',
      'its name leads out of the archive',
      'its name is an absolute path',
      'its name is not valid UTF-8',
      'its name holds control characters',
      'a/1.jpg',
      'back\\slash.jpg',
    ])
  })

  it('lists links and sparse files, counts devices, and reads what follows them', async () => {
    const sparse = makeTarMember({ name: 'old.jpg', type: 'S', content, magic: 'gnu' })
    sparse[482] = 1
    const sum = sparse
      .subarray(0, 512)
      .reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0)
    sparse.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const extension = Buffer.alloc(1024)
    extension[504] = 1
    const bytes = Buffer.concat([
      sparse.subarray(0, 512),
      extension,
      sparse.subarray(512),
      makeTar([
        paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'new.jpg' }),
        { name: 'GNUSparseFile.0/new.jpg', content },
        { name: 'soft.jpg', type: '2', linkName: '/etc/passwd' },
        { name: 'hard.jpg', type: '1', linkName: 'last.jpg' },
        { name: 'device', type: '3' },
        { name: 'fifo', type: '6' },
        { name: 'unknown', type: 'Z', content },
        { name: 'last.jpg', content },
      ]),
    ])
    const listing = await listBytes(bytes)
    expect(listing.special).toBe(3)
    expect(await readBytes(bytes)).toEqual([
      { path: 'old.jpg', problem: 'it is a sparse file, whose form in a tar is not read' },
      { path: 'GNUSparseFile.0/new.jpg', problem: 'it is a sparse file, whose form in a tar is not read' },
      { path: 'soft.jpg', problem: 'it is a symbolic link, which is not followed in an archive' },
      { path: 'hard.jpg', problem: 'it is a hard link, which is not followed in an archive' },
      { path: 'last.jpg', content: content.toString() },
    ])
  })

  it('is read to the last of several that are joined end to end, whatever zeros lie between', async () => {
    const one = makeTar([{ name: 'a/1.jpg', content }])
    const two = makeTar([{ name: 'b/2.jpg', content }])
    const joined = Buffer.concat([one, Buffer.alloc(3 * 2 ** 20), two, Buffer.alloc(9 * 1024)])
    expect((await readBytes(joined)).map(({ path }) => path)).toEqual(['a/1.jpg', 'b/2.jpg'])
  })

  it('is refused where it is cut anywhere', async () => {
    const whole = makeTar([
      { name: 'a/1.jpg', content },
      paxHeader({ path: 'a/2.jpg' }),
      { name: '2.jpg', content },
    ])
    for (let length = 512; length <= whole.length - 1024; length += 37) {
      expect(await refusal(whole.subarray(0, length))).toMatch(/truncated|ends too soon|damaged/)
    }
    expect(await refusal(makeTar([{ name: 'a/1.jpg', content }], { end: false }))).toMatch(
      /the tar is truncated: expected two blocks of zeros at its end, found none/,
    )
    expect(await refusal(makeTar([{ name: 'a/1.jpg', size: 2 ** 32 }]))).toMatch(
      /the tar is truncated: expected 4294967296 bytes of a file, found 1024/,
    )
  })

  it('is refused where a header is damaged', async () => {
    const good = { name: 'a/1.jpg', content }
    expect(await refusal(makeTar([good, { ...good, checksumError: 1 }]))).toMatch(
      /at offset 1024: no tar header stands here.*found a wrong checksum/,
    )
    for (const bad of ['', 'path=a', '7 path=', '999 path=a\n', '0 path=a\n', '10 path=ab', '9 =abcd\n']) {
      const header = { name: 'x', type: 'x', content: Buffer.from(`${bad} `) }
      expect(await refusal(makeTar([header, good])), bad).toMatch(/the pax header cannot be read/)
    }
    expect(await refusal(makeTar([paxHeader({ size: '-1' }), good]))).toMatch(/no valid size/)
    expect(await refusal(makeTar([paxHeader({ path: 'all' }, 'g'), good]))).toMatch(/global pax header/)
    const long = { name: 'L', type: 'L', content: Buffer.alloc(2 ** 20 + 1, 'a') }
    expect(await refusal(makeTar([long, good]))).toMatch(/an extended tar header is too long/)
    expect(await refusal(makeTar([good, paxHeader({ path: 'b' })]))).toMatch(/no tar header stands here/)
  })

  it('lists a file above the limit', async () => {
    const bytes = makeTar([{ name: 'a/1.jpg', content }])
    const { entries } = await listArchive(temporaryFile(bytes), { entryBytes: content.length - 1 })
    expect(entries.problem(0)).toBe('the file is too large: expected at most 20 bytes, found 21')
    expect((await listBytes(bytes)).entries.problem(0)).toBeUndefined()
  })

  it('gives the first bytes of a file', async () => {
    const { path, format, state, entries } = await listBytes(makeTar([{ name: 'a', content }]))
    const reader = EntryReader.open(path, format, state)
    expect(reader.readHead(entries.location(0), 3).toString()).toBe('the')
    expect(reader.readHead(entries.location(0), 300).toString()).toBe(content.toString())
    reader.close()
  })
})
