/**
 * The records of a pax extended header: `LENGTH KEY=VALUE\n`, where the length, in decimal, counts the whole record.
 * Source: POSIX.1-2017, pax, "pax Extended Header". Undefined where the bytes are not of that form.
 */
export function paxRecords(body: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at)
    const digits = body.toString('latin1', at, Math.max(at, space))
    if (!/^[1-9]\d{0,6}$/.test(digits)) return undefined
    const end = at + Number(digits)
    if (end > body.length || end <= space + 1 || body[end - 1] !== 0x0a) return undefined
    const record = body.toString('utf8', space + 1, end - 1)
    const equals = record.indexOf('=')
    if (equals < 1) return undefined
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at = end
  }
  return records
}
