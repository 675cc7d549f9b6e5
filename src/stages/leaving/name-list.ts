import { resolve } from 'node:path'
import { InputError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile } from '../../io/index.js'

/** A file that a plan read, by its content. */
export interface FrozenFile {
  /** Absolute. */
  path: string
  xxh64: string
}

/** @throws InputError */
export async function freezeFile(path: string): Promise<FrozenFile> {
  return { path: resolve(path), xxh64: hashToHex(xxh64(await readWholeFile(resolve(path)))) }
}

/** The text of a file as it was planned. @throws InputError where it changed since */
export async function readFrozen({ path, xxh64: planned }: FrozenFile): Promise<string> {
  const bytes = await readWholeFile(path)
  if (hashToHex(xxh64(bytes)) === planned) return bytes.toString('utf8')
  throw new InputError({
    file: path,
    problem: 'it changed after the work was planned',
    fix: 'Run the same command again.',
  })
}

/** Names, one a line, each once, in the form in which they are compared. @throws InputError where there are none */
export function parseNames(text: string, file: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const names = [...new Set(lines.map(comparedName))].filter((name) => name !== '')
  if (names.length > 0) return names
  throw new InputError({ file, problem: 'holds no name', expected: 'names of identities, one a line' })
}

/** An accented letter is the same name whether it is one character or two. */
export function comparedName(name: string): string {
  return name.trim().normalize('NFC')
}
