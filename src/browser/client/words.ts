const numbers = new Intl.NumberFormat('en-US')

export function count(value: number): string {
  return numbers.format(value)
}

/** `1 photo`, `2 photos`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A name, or what stands for one. */
export function nameOf({ name, label }: { name?: string; label: number }): string {
  return name === undefined || name === '' ? `label ${label}` : name
}

/** A cosine or another measure. */
export function measure(value: number): string {
  return value.toFixed(3)
}
