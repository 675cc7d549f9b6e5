import { PickleFault } from './values.js'

/** Python itself refuses to parse more digits than this. */
const MOST_DIGITS = 4300

/** A number where that is exact, else the bigint. */
export function integerValue(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** The argument of INT and LONG: `7`, `7L`; INT writes True and False as `01` and `00`. @throws PickleFault */
export function parseInteger(text: string, booleans: boolean): number | bigint | boolean {
  if (booleans && (text === '00' || text === '01')) return text === '01'
  if (!/^[+-]?\d+L?$/.test(text))
    throw new PickleFault(`${JSON.stringify(text.slice(0, 40))} is not an integer`)
  if (text.length > MOST_DIGITS) {
    throw new PickleFault(`the integer has ${text.length} digits, more than ${MOST_DIGITS}`)
  }
  return integerValue(BigInt(text.replace('+', '').replace('L', '')))
}

/** The argument of FLOAT: Python's repr of a float. @throws PickleFault */
export function parseFloatText(text: string): number {
  const special = { inf: Infinity, '-inf': -Infinity, nan: NaN }[text.toLowerCase()]
  if (special !== undefined) return special
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw new PickleFault(`${JSON.stringify(text.slice(0, 40))} is not a number`)
  }
  return Number(text)
}

/** Little-endian two's complement of any length: LONG1, LONG4. @throws PickleFault */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0
  if (bytes.length > MOST_DIGITS / 2) {
    throw new PickleFault(`the integer has ${bytes.length} bytes, more than ${MOST_DIGITS / 2}`)
  }
  const hex = Buffer.from(bytes).reverse().toString('hex')
  return integerValue(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)))
}
