import { Header } from 'tar/header'
import { InputError } from '../errors/index.js'
import type { ArchiveFile } from './archive-file.js'
import { paxRecords } from './pax-records.js'

export const BLOCK_BYTES = 512

/** Names and extended headers are short; a longer one is no tar. */
const MAXIMUM_META_BYTES = 2 ** 20

/** Where the headers of GNU's old sparse format say that more headers follow. Source: GNU tar, `tar.h`. */
const SPARSE_EXTENDED = { first: 482, next: 504 } as const

/** One file, folder, link or device of a tar, with all of its headers read. */
export interface TarMember {
  kind: 'file' | 'folder' | 'symbolic link' | 'hard link' | 'sparse' | 'special'
  name: string
  /** Of its first byte. */
  offset: number
  bytes: number
  /** Of the next member's first header. */
  end: number
}

/** What the headers before a member say of it. */
interface Announced {
  name?: string
  bytes?: number
  sparse?: true
}

/**
 * The member whose headers begin at `offset`: GNU's long names and pax headers first, where there are any.
 * @param first the block there
 * @throws InputError for a header that is damaged or cut off
 */
export function readTarMember(archive: ArchiveFile, offset: number, first: Buffer): TarMember {
  const announced: Announced = {}
  let at = offset
  let block = first
  for (;;) {
    const header = parseHeader(archive, at, block)
    const size = sizeOf(archive, at, header)
    const body = at + BLOCK_BYTES
    switch (header.type) {
      case 'NextFileHasLongPath':
      case 'OldGnuLongPath':
        announced.name = untilNul(readMeta(archive, body, size))
        break
      case 'NextFileHasLongLinkpath':
      case 'SolarisACL':
        readMeta(archive, body, size)
        break
      case 'ExtendedHeader':
      case 'OldExtendedHeader':
        announce(archive, body, readMeta(archive, body, size), announced)
        break
      case 'GlobalExtendedHeader':
        refuseGlobal(archive, body, readMeta(archive, body, size))
        break
      default:
        return memberOf(archive, at, header, block, announced)
    }
    at = body + padded(size)
    block = archive.readExactly(at, BLOCK_BYTES)
  }
}

/** Is this the header of a member? Enough to know a tar by. */
export function isTarHeader(block: Buffer): boolean {
  try {
    return new Header(block).cksumValid
  } catch {
    return false
  }
}

function parseHeader(archive: ArchiveFile, offset: number, block: Buffer): Header {
  let reason = 'a wrong checksum'
  try {
    // It throws for a block that is cut off.
    const header = new Header(block)
    if (header.cksumValid) return header
  } catch (error) {
    reason = `"${error instanceof Error ? error.message : String(error)}"`
  }
  throw damaged(archive, offset, 'no tar header stands here', reason)
}

function sizeOf(archive: ArchiveFile, offset: number, { size = 0 }: Header): number {
  if (Number.isSafeInteger(size)) return size
  throw damaged(archive, offset, 'the tar header has no valid size', String(size))
}

function readMeta(archive: ArchiveFile, offset: number, size: number): Buffer {
  if (size > MAXIMUM_META_BYTES) {
    throw damaged(archive, offset, 'an extended tar header is too long', `${size} bytes`)
  }
  return archive.readExactly(offset, size)
}

function announce(archive: ArchiveFile, offset: number, body: Buffer, announced: Announced): void {
  const records = paxRecords(body)
  if (records === undefined) throw damaged(archive, offset, 'the pax header cannot be read')
  const path = records.get('path')
  if (path !== undefined && path !== '') announced.name = path
  const size = records.get('size')
  if (size !== undefined && size !== '') {
    if (!/^\d{1,15}$/.test(size)) throw damaged(archive, offset, 'the pax header has no valid size')
    announced.bytes = Number(size)
  }
  for (const key of records.keys()) if (key.startsWith('GNU.sparse.')) announced.sparse = true
}

/** Global headers that carry comments are common; one that names or sizes every file that follows is not believed. */
function refuseGlobal(archive: ArchiveFile, offset: number, body: Buffer): void {
  const records = paxRecords(body)
  const valid = records !== undefined && !records.has('path') && !records.has('size')
  if (!valid) throw damaged(archive, offset, 'the global pax header cannot be read, or has a path or size')
}

function memberOf(
  archive: ArchiveFile,
  at: number,
  header: Header,
  block: Buffer,
  announced: Announced,
): TarMember {
  const name = announced.name ?? header.path ?? ''
  const kind = announced.sparse ? 'sparse' : kindOf(header.type, name)
  const isEmpty = kind === 'symbolic link' || kind === 'hard link'
  const bytes = isEmpty ? 0 : (announced.bytes ?? sizeOf(archive, at, header))
  let offset = at + BLOCK_BYTES
  if (header.type === 'SparseFile' && block[SPARSE_EXTENDED.first] !== 0) {
    do offset += BLOCK_BYTES
    while (archive.readExactly(offset - BLOCK_BYTES, BLOCK_BYTES)[SPARSE_EXTENDED.next] !== 0)
  }
  return { kind, name, offset, bytes, end: offset + padded(bytes) }
}

/** Tars from before POSIX tell folders by the slash at the end of their name. */
function kindOf(type: Header['type'], name: string): TarMember['kind'] {
  switch (type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      return name.endsWith('/') ? 'folder' : 'file'
    case 'Directory':
    case 'GNUDumpDir':
      return 'folder'
    case 'SymbolicLink':
      return 'symbolic link'
    case 'Link':
      return 'hard link'
    case 'SparseFile':
      return 'sparse'
    default:
      return 'special'
  }
}

function untilNul(body: Buffer): string {
  const nul = body.indexOf(0)
  return body.toString('utf8', 0, nul < 0 ? body.length : nul)
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
}

function damaged(archive: ArchiveFile, offset: number, problem: string, actual?: string): InputError {
  return new InputError({
    file: archive.path,
    offset,
    problem: `${problem}: the archive is damaged`,
    ...(actual === undefined ? {} : { actual }),
    fix: 'Compare its size with the original, and test it with `tar -tf`.',
  })
}
