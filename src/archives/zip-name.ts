import { isUtf8 } from 'node:buffer'
import { type Entry, getFileNameLowLevel } from 'yauzl'

const UTF8_FLAG = 0x800

/** Systems in the upper byte of "version made by" whose names are UTF-8 without saying so. */
const UNIX = 3
const DARWIN = 19

export function isFromUnix({ versionMadeBy }: Entry): boolean {
  const system = versionMadeBy >>> 8
  return system === UNIX || system === DARWIN
}

/**
 * Name of an entry, with `/` between its parts. UTF-8 where the entry says so (flag bit 11, or a Unicode path field) or
 * where it comes from Unix and is valid UTF-8, as macOS writes it; else code page 437. Windows tools that write `\`
 * mean `/`.
 */
export function zipName(entry: Entry): string {
  const { fileNameRaw, generalPurposeBitFlag, extraFields } = entry
  const silentUtf8 = isFromUnix(entry) && isUtf8(fileNameRaw)
  const flags = silentUtf8 ? generalPurposeBitFlag | UTF8_FLAG : generalPurposeBitFlag
  return getFileNameLowLevel(flags, fileNameRaw, extraFields, false)
}
