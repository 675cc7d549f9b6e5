/** Bytes of a file name that every file system holds. */
const LONGEST_NAME = 255

/** Characters that Windows, SMB or exFAT refuse, and those that are no text. */
const RESERVED = /[<>:"/\\|?*\p{Cc}]/gu

/** Windows drops these from the end of a name. */
const DROPPED = /[. ]$/

/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * A name that is one component of a path on every file system: `_` stands for what cannot be in one. A dot at the front
 * would hide it, from pack too.
 */
export function safeName(name: string): string {
  const plain = name.replace(RESERVED, '_').replace(/^\./, '_').replace(DROPPED, '_')
  return plain === '' ? '_' : DEVICE.test(plain) ? `_${plain}` : plain
}

/**
 * `name` and what follows it, cut where they are too long together: the number that tells names apart and the
 * extension stay.
 */
export function fitName(name: string, ending: string): string {
  const room = LONGEST_NAME - Buffer.byteLength(ending, 'utf8')
  if (Buffer.byteLength(name, 'utf8') <= room) return name + ending
  let kept = ''
  let bytes = 0
  for (const character of name) {
    bytes += Buffer.byteLength(character, 'utf8')
    if (bytes > room) break
    kept += character
  }
  return kept.replace(DROPPED, '_') + ending
}
