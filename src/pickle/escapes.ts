import { PickleFault } from './values.js'

const BACKSLASH = 0x5c
const SIMPLE_ESCAPES: Record<string, number> = {
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
}

/**
 * The bytes of a STRING argument: what Python 2's repr() wrote for a str, its quotes included.
 * Source: CPython, _codecs.escape_decode. @throws PickleFault
 */
export function unquoteBytes(text: Uint8Array): Uint8Array {
  const quote = text[0]
  if (text.length < 2 || (quote !== 0x27 && quote !== 0x22) || text[text.length - 1] !== quote) {
    throw new PickleFault('the string is not in quotes')
  }
  const bytes = new Uint8Array(text.length - 2)
  const end = text.length - 1
  let length = 0
  for (let at = 1; at < end; ) {
    const byte = text[at++]!
    if (byte !== BACKSLASH) {
      bytes[length++] = byte
      continue
    }
    if (at === end) throw new PickleFault('a backslash ends the string')
    const letter = String.fromCharCode(text[at]!)
    const simple = SIMPLE_ESCAPES[letter]
    const [, hex, octal] =
      /^(?:x([0-9a-f]{2})|([0-7]{1,3}))/i.exec(latin1(text, at, Math.min(at + 3, end))) ?? []
    if (simple !== undefined) {
      bytes[length++] = simple
      at += 1
    } else if (hex !== undefined) {
      bytes[length++] = Number.parseInt(hex, 16)
      at += 3
    } else if (octal !== undefined) {
      bytes[length++] = Number.parseInt(octal, 8) & 0xff
      at += octal.length
    } else if (letter === 'x') {
      throw new PickleFault('\\x without two hexadecimal digits')
    } else {
      // Python keeps the backslash of an escape that it does not know.
      bytes[length++] = byte
    }
  }
  return bytes.subarray(0, length)
}

/** The text of a UNICODE argument (Python's raw-unicode-escape). @throws PickleFault */
export function decodeRawUnicodeEscape(bytes: Uint8Array): string {
  return latin1(bytes, 0, bytes.length).replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]|$))/g,
    (whole, short: string | undefined, long: string | undefined, other: string | undefined) => {
      if (other === 'u' || other === 'U') throw new PickleFault(`\\${other} without its hexadecimal digits`)
      if (other !== undefined) return whole
      const code = Number.parseInt(short ?? long!, 16)
      if (code > 0x10ffff) throw new PickleFault(`${whole} is not a Unicode character`)
      return String.fromCodePoint(code)
    },
  )
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}
