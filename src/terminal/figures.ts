/** `1,234,567` */
export function countText(value: number): string {
  return value.toLocaleString('en-US')
}

/** Of things a second: `2,100`, `4.2`. */
export function rateText(perSecond: number): string {
  return perSecond >= 10 ? countText(Math.round(perSecond)) : perSecond.toFixed(1)
}

/** `40 s`, `12 min`, `3.5 h`; a part of a second counts as one. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** `812 bytes`, `3.4 KiB`, `120 GiB` */
export function bytesText(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[power]}`
}

/** `0%` and `100%` are said of nothing and of all alone: `<0.1%`, `99.9%`. */
export function shareText(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0%'
  if (part === whole) return '100%'
  const percent = (100 * part) / whole
  return percent < 0.1 ? '<0.1%' : `${Math.min(99.9, percent).toFixed(1)}%`
}
