import { basename } from 'node:path'
import { barsText, countText, type TerminalStyle } from '../../terminal/index.js'
import type { BinInspection } from './bin.js'
import { sizesAndFormats } from './describe-dataset.js'
import { formatRows, heading, type Row } from './rows.js'

/** The lines of a bin for a terminal. */
export function describeBin(found: BinInspection, style: TerminalStyle): string[] {
  const { name, path, pairs, same, different, images, distinctImages, problem, source } = found
  const rows: Row[] = [
    ['images', `${countText(images)}, ${countText(distinctImages)} of them distinct`],
    ['folds', foldsText(found, style)],
    ...sizesAndFormats(found),
    ...(source === undefined ? [] : [['from', sourceText(source)] as const]),
    ...(problem === undefined ? [] : [['problem', problem] as const]),
    ['file', path],
  ]
  return [
    heading(
      name,
      `${countText(pairs)} pairs (${countText(same)} same, ${countText(different)} different)`,
      style,
    ),
    ...formatRows(rows, style),
  ]
}

function foldsText({ folds, path }: BinInspection, style: TerminalStyle): string {
  if (folds === undefined) return 'none: the pairs are too few'
  const { pairs, by } = folds
  const [least, most] = [Math.min(...pairs), Math.max(...pairs)]
  const sizes =
    least === most
      ? `of ${countText(most)} pairs`
      : `of ${countText(least)} to ${countText(most)} pairs |${barsText(pairs, style)}|`
  const sidecar = `${basename(path)}.json`
  return `${pairs.length} ${sizes}, ${by === 'sidecar' ? `by ${sidecar}` : `one after another: no ${sidecar} says otherwise`}`
}

function sourceText(source: Readonly<Record<string, string | number>>): string {
  return Object.entries(source)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
