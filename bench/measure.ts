import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { interleave } from './pairing.js'
import type { Row } from './row.js'
import { type Comparison, compare } from './table.js'

export interface MeasureOptions {
  /** Folder for the inputs. */
  folder: string
  pairs: number
  scale: number
}

/** Prepares a row, runs its sides in turn and compares them. Progress goes to standard error. */
export async function measureRow(row: Row, { folder, pairs, scale }: MeasureOptions): Promise<Comparison[]> {
  const path = await mkdtemp(join(folder, 'facedata-bench-'))
  try {
    note(`${row.name}: making the inputs`)
    const prepared = await row.prepare({ path, scale })
    try {
      const sides = [prepared.ours, ...prepared.others.map(({ side }) => side)]
      const rates = await interleave(sides, pairs, (side, turn, rate) => {
        const name = turn === 0 ? 'warm-up' : `pair ${turn}`
        note(`${row.name}, ${name}: ${side.name} ${rate.toPrecision(4)} ${row.unit}`)
      })
      return compare(row, prepared, rates)
    } finally {
      await prepared.close?.()
    }
  } finally {
    await rm(path, { recursive: true })
  }
}

function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
