import { appendFileSync, closeSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EntryReader, listArchive } from '../../src/archives/index.js'
import { InputError } from '../../src/errors/index.js'
import { LIMITS, listBytes, readAll, temporaryFile } from './list.js'
import { makeTar } from './make-tar.js'
import { makeZip } from './make-zip.js'

const content = Buffer.from('the content of a file')

describe('an archive', () => {
  it('is told by its first bytes, and what cannot be read at random is refused with the way out', async () => {
    const tar = makeTar([{ name: 'a', content }])
    expect((await listBytes(tar)).format).toBe('tar')
    expect((await listBytes(makeZip([{ name: 'a' }]))).format).toBe('zip')
    const refusals: [Uint8Array, RegExp][] = [
      [gzipSync(tar), /gzip cannot be read file by file.*Unpack it once: gunzip -k .*archive$/],
      [Buffer.from('BZh91AY&SY'), /bzip2 cannot.*bunzip2 -k/],
      [Buffer.from('fd377a585a0000', 'hex'), /xz cannot.*xz -dk/],
      [Buffer.from('28b52ffd00', 'hex'), /Zstandard cannot.*zstd -d/],
      [Buffer.from('377abcaf271c', 'hex'), /7-Zip cannot.*7z x/],
      [Buffer.from('Rar!\x1a\x07'), /RAR cannot.*unrar x/],
      [Buffer.from('text'), /neither a folder nor an archive that can be read.*found first bytes 74657874$/],
      [Buffer.alloc(0), /neither a folder nor an archive.*found an empty file/],
      [tar.subarray(0, 511), /neither a folder nor an archive/],
    ]
    for (const [bytes, message] of refusals) {
      await expect(listBytes(bytes)).rejects.toThrow(InputError)
      await expect(listBytes(bytes)).rejects.toThrow(message)
    }
    await expect(listArchive('/absent/archive.zip', LIMITS)).rejects.toThrow(/no such file/)
  })

  it('keeps many names apart', async () => {
    const name = (i: number) => `folder-${i % 100}/${'é'.repeat(1 + (i % 40))}/${i}.jpg`
    const files = Array.from({ length: 30_000 }, (_, i) => ({ name: name(i), content: Buffer.from(`${i}`) }))
    for (const bytes of [makeZip(files, { zip64: true }), makeTar(files)]) {
      const found = readAll(await listBytes(bytes))
      expect(found.length).toBe(files.length)
      const wrong = found.findIndex((file, i) => {
        return file.path !== name(i) || !('content' in file) || file.content !== `${i}`
      })
      expect(wrong).toBe(-1)
    }
  })

  it('is read beyond 4 GiB', async () => {
    const base = 5 * 2 ** 30
    const tar = makeTar([{ name: 'photos/1.jpg', content }])
    const large = makeTar([{ name: 'film.mov', size: base - 512 }], { end: false })
    const files = [{ name: 'photos/1.jpg', content, deflate: true, zip64: true }]
    const zip = makeZip(files, { zip64: true, base })
    for (const [head, tail] of [
      [large, tar],
      [Buffer.from('PK\x03\x04'), zip],
    ] as const) {
      const path = temporaryFile(head)
      // What lies between is a hole, which takes no room on the disk.
      const descriptor = openSync(path, 'r+')
      writeSync(descriptor, tail, 0, tail.length, base)
      closeSync(descriptor)
      const { format, state, entries } = await listArchive(path, LIMITS)
      const last = entries.size - 1
      const reader = EntryReader.open(path, format, state)
      expect(entries.path(last)).toBe('photos/1.jpg')
      expect(entries.location(last).offset).toBeGreaterThanOrEqual(base)
      expect(reader.read(entries.location(last)).equals(content)).toBe(true)
      reader.close()
    }
  })

  it('is not read by old locations once it has changed', async () => {
    for (const bytes of [makeZip([{ name: 'a', content }]), makeTar([{ name: 'a', content }])]) {
      const path = temporaryFile(bytes)
      const { format, state, entries } = await listArchive(path, LIMITS)
      const reader = EntryReader.open(path, format, state)
      expect(reader.read(entries.location(0)).equals(content)).toBe(true)
      appendFileSync(path, 'more')
      expect(() => reader.refuseChange()).toThrow(/the archive changed while it was read/)
      reader.close()
      expect(() => EntryReader.open(path, format, state)).toThrow(InputError)
      writeFileSync(path, bytes)
      utimesSync(path, 1, 1)
      expect(() => EntryReader.open(path, format, state)).toThrow(/changed.*found \d+ bytes of 1970/)
    }
  })
})
