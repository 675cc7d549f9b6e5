/** The numbers of a release such as `2.20.0`; undefined for a preview such as `2.21.0rc1`. */
export function releaseNumbers(version: string): number[] | undefined {
  return /^\d+(\.\d+)*$/.test(version) ? version.split('.').map(Number) : undefined
}

/** Negative where `a` is older, a preview older than every release; `2.20` and `2.20.0` are the same. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [releaseNumbers(a) ?? [], releaseNumbers(b) ?? []]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
