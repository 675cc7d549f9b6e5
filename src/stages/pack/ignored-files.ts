/** Counts files that are no images by their kind. */
export function countIgnored(scan: { ignored: Record<string, number> }, kind: string, files = 1): void {
  scan.ignored[kind] = (scan.ignored[kind] ?? 0) + files
}
