/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1.2M`, for places where there is little room. */
export function shortCount(value: number): string {
  return value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 })
}

/** `12.3 MB`: thousands, as disks are sold. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let left = value
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000
    unit++
  }
  return unit === 0 ? `${count(value)} bytes` : `${left.toPrecision(3)} ${units[unit]}`
}

/** `97.25 %`; what is not nothing is not shown as 0, and what is not all not as 100. */
export function percent(part: number, digits = 1): string {
  const smallest = 10 ** -digits
  const value = 100 * part
  if (value > 0 && value < smallest) return `< ${smallest.toFixed(digits)} %`
  const text = value.toFixed(digits)
  return value < 100 && Number(text) === 100 ? `> ${(100 - smallest).toFixed(digits)} %` : `${text} %`
}

/** A part at a tick of an axis, with as many digits as it needs: `99.75 %`. */
export function tickPercent(part: number): string {
  return `${Number((100 * part).toPrecision(6))} %`
}

/** A few significant digits: `0.0213`, `12.4`, `1.2e-7`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return 'not a number'
  if (value === 0 || Number.isInteger(value)) return count(value)
  const size = Math.abs(value)
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2)
}
