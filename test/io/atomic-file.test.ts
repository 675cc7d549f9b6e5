import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InputError, OutputError } from '../../src/errors/index.js'
import {
  AtomicFile,
  InputFile,
  OutputFile,
  observeWrites,
  readWholeFile,
  replaceLink,
  type WriteEvent,
  writeFileAtomically,
} from '../../src/io/index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-io-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('AtomicFile', () => {
  it('leaves the old file until commit and nothing after discard', async () => {
    const path = join(folder, 'a.txt')
    await writeFile(path, 'old')
    const file = await AtomicFile.create(path)
    await file.write(Buffer.from('new'))
    expect(await readFile(path, 'utf8')).toBe('old')
    await file.discard()
    expect(await readdir(folder)).toEqual(['a.txt'])
    await writeFileAtomically(path, 'newer')
    expect(await readFile(path, 'utf8')).toBe('newer')
    expect(await readdir(folder)).toEqual(['a.txt'])
  })

  it('syncs the bytes before the rename and the folder after it', async () => {
    const events: WriteEvent[] = []
    const stop = observeWrites((event) => events.push(event))
    await writeFileAtomically(join(folder, 'a.txt'), 'x')
    stop()
    await writeFileAtomically(join(folder, 'b.txt'), 'x')
    expect(events.map((event) => event.kind)).toEqual([
      'directory',
      'create',
      'write',
      'sync',
      'rename',
      'sync-directory',
    ])
  })

  it('says which file cannot be written and why', async () => {
    await writeFile(join(folder, 'file'), '')
    const write = writeFileAtomically(join(folder, 'file', 'a.txt'), 'x')
    await expect(write).rejects.toThrow(OutputError)
    await expect(write).rejects.toThrow(/cannot write .*file/)
  })
})

describe('OutputFile', () => {
  it('writes more pieces than one writev takes, in order', async () => {
    const file = await OutputFile.create(join(folder, 'many'))
    const pieces = Array.from({ length: 3000 }, (_, i) => Uint8Array.of(i & 255, i >> 8))
    await file.write(...pieces)
    expect(file.position).toBe(6000)
    await file.close()
    expect(new Uint8Array(await readFile(join(folder, 'many')))).toEqual(
      new Uint8Array(Buffer.concat(pieces)),
    )
  })
})

describe('replaceLink', () => {
  it('makes a link and points it elsewhere', async () => {
    await replaceLink(join(folder, 'link'), 'one')
    await replaceLink(join(folder, 'link'), 'two')
    expect(await readlink(join(folder, 'link'))).toBe('two')
    expect(await readdir(folder)).toEqual(['link'])
  })
})

describe('InputFile', () => {
  it('reads at offsets and names what is missing', async () => {
    const path = join(folder, 'in')
    await writeFile(path, 'abcdef')
    const file = await InputFile.open(path)
    expect(Buffer.from(await file.readExactly(2, 3)).toString()).toBe('cde')
    await expect(file.readExactly(4, 3)).rejects.toThrow(/in: at offset 4: .*expected 3 bytes, found 2/)
    await file.close()
    await expect(InputFile.open(join(folder, 'none'))).rejects.toThrow(/none: cannot be read: no such file/)
    await expect(InputFile.open(folder)).rejects.toThrow(InputError)
    await expect(readWholeFile(path, 3)).rejects.toThrow(/too large/)
  })
})
