import { describe, expect, it } from 'vitest'
import { EntryReader } from '../../src/archives/index.js'
import { InputError } from '../../src/errors/index.js'
import { crc32ByTable } from '../../src/hash/crc32.js'
import { listBytes, readBytes } from './list.js'
import { long, makeZip, word, type ZipFile } from './make-zip.js'

const content = Buffer.from('the content of a file, with some length, some length, some length')

async function problemOf(file: Partial<ZipFile>): Promise<string> {
  const [found] = await readBytes(makeZip([{ name: 'a/1.jpg', content, ...file }]))
  return 'problem' in found! ? found.problem : 'none'
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await readBytes(bytes).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

describe('a zip', () => {
  it('is read whether stored or deflated, with data descriptors, 64-bit sizes and extra fields', async () => {
    const files: ZipFile[] = [
      { name: 'a/', content: Buffer.alloc(0) },
      { name: 'a/stored.jpg' },
      { name: 'a/deflated.jpg', deflate: true },
      { name: 'a/described.jpg', deflate: true, descriptor: true },
      { name: 'a/large.jpg', deflate: true, zip64: true },
      { name: 'a/extra.jpg', localExtra: Buffer.concat([word(0x5455), word(5), Buffer.alloc(5)]) },
      { name: 'a/empty.jpg', content: Buffer.alloc(0) },
    ]
    const whole = files.map((file) => ({ content, ...file }))
    for (const options of [{}, { zip64: true }, { comment: 'made by hand' }]) {
      expect(await readBytes(makeZip(whole, options))).toEqual(
        whole.slice(1).map(({ name, content }) => ({ path: name, content: content.toString('latin1') })),
      )
    }
    expect(await readBytes(makeZip([]))).toEqual([])
  })

  it('gives the first bytes of a file without the rest', async () => {
    const long = Buffer.alloc(300_000, 'photo')
    const listing = await listBytes(
      makeZip([
        { name: 'a', content: long },
        { name: 'b', content: long, deflate: true },
        { name: 'c', content: Buffer.from('ab'), deflate: true },
      ]),
    )
    const reader = EntryReader.open(listing.path, listing.format, listing.state)
    const heads = [0, 1, 2].map((row) => reader.readHead(listing.entries.location(row), 7).toString())
    reader.close()
    expect(heads).toEqual(['photoph', 'photoph', 'ab'])
  })

  it('has names in UTF-8 or code page 437, and backslashes of Windows tools for slashes', async () => {
    const unicode = Buffer.from('Zoë.jpg')
    const raw = Buffer.from([0x5a, 0x6f, 0x89])
    const field = Buffer.concat([Buffer.of(1), long(crc32ByTable(raw)), unicode])
    const found = await readBytes(
      makeZip([
        { name: 'Émile/1.jpg' },
        { name: Buffer.from([0x5a, 0x6f, 0x89]), madeBy: 20 },
        { name: unicode, flags: 0 },
        { name: unicode, flags: 0, madeBy: 20 },
        { name: Buffer.from([0x5a, 0x6f, 0x89]), flags: 0 },
        { name: raw, extra: Buffer.concat([word(0x7075), word(field.length), field]) },
        { name: 'a\\b\\1.jpg', madeBy: 20 },
      ]),
    )
    expect(found.map(({ path }) => path)).toEqual([
      'Émile/1.jpg',
      'Zoë',
      'Zoë.jpg',
      'Zo├½.jpg',
      'Zoë',
      'Zoë.jpg',
      'a/b/1.jpg',
    ])
  })

  it('lists names that are no path below a folder', async () => {
    const problems: Record<string, string> = {
      '../../etc/1.jpg': 'its name leads out of the archive',
      'a/../../1.jpg': 'its name leads out of the archive',
      '..\\1.jpg': 'its name leads out of the archive',
      '/etc/1.jpg': 'its name is an absolute path',
      '\\\\server\\1.jpg': 'its name is an absolute path',
      'C:\\1.jpg': 'its name is an absolute path',
      'a/\x00.jpg': 'its name holds control characters',
      'a/\x1b[31m.jpg': 'its name holds control characters',
      'a/1.jpg\n': 'its name holds control characters',
      [`${'a/'.repeat(2500)}1.jpg`]: 'its name is longer than 4096 bytes',
      '': 'it has no name',
      '.': 'it has no name',
    }
    for (const [name, problem] of Object.entries(problems)) {
      expect([name, await problemOf({ name })]).toEqual([name, problem])
    }
    expect(await problemOf({ name: Buffer.from([0x61, 0xff]), flags: 0x800 })).toBe(
      'its name is not valid UTF-8',
    )
    const found = await readBytes(
      makeZip([{ name: 'a/\x1b[31m.jpg' }, { name: './a//b/./1.jpg' }, { name: 'a/...jpg' }]),
    )
    expect(found.map(({ path }) => path)).toEqual(['a/\\x1b[31m.jpg', 'a/b/1.jpg', 'a/...jpg'])
  })

  it('lists what it does not read: encrypted files, other methods, links', async () => {
    expect(await problemOf({ flags: 1 })).toBe('it is encrypted')
    expect(await problemOf({ method: 14 })).toBe(
      'it is compressed by a method that is not read: expected 0 (stored) or 8 (deflated), found 14 (LZMA)',
    )
    expect(await problemOf({ method: 42 })).toContain('found 42')
    expect(await problemOf({ attributes: 0xa1ff0000 })).toBe(
      'it is a symbolic link, which is not followed in an archive',
    )
    // The same bits mean nothing in an archive from Windows.
    expect(await problemOf({ attributes: 0xa1ff0000, madeBy: 20 })).toBe('none')
    const device = await listBytes(makeZip([{ name: 'a', attributes: 0x21a40000 }]))
    expect([device.entries.size, device.special]).toEqual([0, 1])
  })

  it('finds entries that are not what the directory says', async () => {
    expect(await problemOf({ claims: { crc32: 1 } })).toBe('the CRC-32 of the file differs: it is damaged')
    expect(await problemOf({ claims: { bytes: 10, storedBytes: 10 } })).toBe(
      'the CRC-32 of the file differs: it is damaged',
    )
    expect(await problemOf({ claims: { bytes: 10 } })).toContain('its sizes disagree')
    for (const bytes of [0, 10, 1000]) {
      expect(await problemOf({ deflate: true, claims: { bytes } })).toBe(
        'the file has another size than the directory says',
      )
    }
    expect(await problemOf({ deflate: true, claims: { storedBytes: 20 } })).toBe(
      'the compressed data is damaged',
    )
    expect(await problemOf({ deflate: true, claims: { storedBytes: 1e6 } })).toBe('it ends after the archive')
    expect(await problemOf({ claims: { offset: 7 } })).toBe(
      'no file begins here, though the directory says so',
    )
    expect(await problemOf({ deflate: true, claims: { method: 0, storedBytes: content.length } })).toBe(
      'the file has another compression method than the directory says',
    )
    expect(await problemOf({ method: 8 })).toBe('the compressed data is damaged')
  })

  it('limits what an entry may grow to, by its claim and while it grows', async () => {
    const zeros = Buffer.alloc(2 ** 21)
    expect(await problemOf({ content: zeros, deflate: true })).toMatch(
      /^it grows when unpacked as decompression bombs do: expected at most 200 times its \d+ bytes, found 2097152$/,
    )
    // A bomb that claims little is stopped at its claim.
    expect(await problemOf({ content: zeros, deflate: true, claims: { bytes: 1000 } })).toBe(
      'the file has another size than the directory says',
    )
    expect(await problemOf({ claims: { bytes: 2 ** 28 + 1, storedBytes: 2 ** 28 + 1 } })).toBe(
      'the file is too large: expected at most 268435456 bytes, found 268435457',
    )
    expect(await problemOf({ zip64: true, claims: { bytes: 2 ** 50, storedBytes: 10 } })).toContain(
      'the file is too large',
    )
    expect(await problemOf({ content: zeros.subarray(2 ** 20), deflate: true })).toBe('none')
  })

  it('reads the first of entries that share bytes, and lists the others', async () => {
    const first = makeZip([{ name: 'a/1.jpg', content }])
    const quoted = Buffer.concat([first.subarray(0, 30 + 7 + content.length), Buffer.from('tail')])
    const found = await readBytes(
      makeZip([
        { name: 'a/1.jpg', content: quoted },
        { name: 'a/2.jpg', content, claims: { offset: 30 + 7 } },
        { name: 'a/3.jpg', content, claims: { offset: 0 } },
        { name: 'a/4.jpg', content },
      ]),
    )
    expect(found).toEqual([
      { path: 'a/1.jpg', content: quoted.toString('latin1') },
      { path: 'a/2.jpg', problem: 'its bytes are those of another entry too' },
      { path: 'a/3.jpg', problem: 'its bytes are those of another entry too' },
      { path: 'a/4.jpg', content: content.toString('latin1') },
    ])
  })

  it('is refused where its directory is cut, damaged, or counts wrongly', async () => {
    const files = [0, 1, 2].map((i) => ({ name: `a/${i}.jpg`, content }))
    const whole = makeZip(files)
    expect(await refusal(whole.subarray(0, whole.length - 1))).toMatch(/the zip archive cannot be read/)
    expect(await refusal(whole.subarray(0, 200))).toMatch(/truncated/)
    expect(await refusal(makeZip(files, { entries: 4 }))).toMatch(/truncated or damaged/)
    expect(await refusal(makeZip(files, { entries: 2 }))).toMatch(
      /has more files than it says it has: found 2, and more.*zip -r/,
    )
    expect(await refusal(makeZip([{ name: 'a', flags: 0x41 }]))).toMatch(/strong encryption/)
    const many = Buffer.from(whole)
    many.writeUInt16LE(1, many.length - 22 + 4)
    expect(await refusal(many)).toMatch(/multi-disk/)
    expect(await refusal(makeZip(files, { zip64: true, entries: 2 ** 40 }))).toMatch(/cannot be read/)
  })
})
