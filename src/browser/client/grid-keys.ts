import type { GridGeometry } from './grid-geometry.js'

/** Where a key goes from a tile, by index; undefined for a key that goes nowhere. @param height of the window, CSS pixels */
export function targetOf(
  { key, ctrlKey }: { key: string; ctrlKey: boolean },
  active: number,
  total: number,
  { columns, rowHeight }: GridGeometry,
  height: number,
): number | undefined {
  const page = columns * Math.max(1, Math.floor(height / rowHeight) - 1)
  const start = active - (active % columns)
  const targets: Record<string, number> = {
    ArrowRight: active + 1,
    ArrowLeft: active - 1,
    ArrowDown: active + columns,
    ArrowUp: active - columns,
    PageDown: active + page,
    PageUp: active - page,
    Home: ctrlKey ? 0 : start,
    End: ctrlKey ? total - 1 : start + columns - 1,
  }
  const target = targets[key]
  return target === undefined ? undefined : Math.max(0, Math.min(total - 1, target))
}
