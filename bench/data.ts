import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rows } from './data/rows.js'
import { describeMachine } from './machine.js'
import { interleave } from './pairing.js'
import type { Row } from './row.js'
import { type Comparison, compare, tableLines } from './table.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
})

const pairs = positive('pairs', values.pairs)
const scale = positive('scale', values.scale)
const chosen = positionals.length === 0 ? rows : positionals.map(rowNamed)

const comparisons: Comparison[] = []
for (const row of chosen) comparisons.push(...(await measure(row)))

const machine = await describeMachine()
process.stdout.write(`${[...machine, `- Pairs: ${pairs}`, '', ...tableLines(comparisons)].join('\n')}\n`)
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ machine, pairs, scale, comparisons }, null, 2)}\n`)
}

async function measure(row: Row): Promise<Comparison[]> {
  const path = await mkdtemp(join(values.folder, 'facedata-bench-'))
  try {
    note(`${row.name}: making the inputs`)
    const prepared = await row.prepare({ path, scale })
    try {
      const sides = [prepared.ours, ...prepared.others.map(({ side }) => side)]
      const rates = await interleave(sides, pairs, (side, turn, rate) => {
        const name = turn === 0 ? 'warm-up' : `pair ${turn}`
        note(`${row.name}, ${name}: ${side.name} ${Math.round(rate).toLocaleString('en-US')} ${row.unit}`)
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

function positive(option: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Error(`--${option} ${text}: a number above 0 is expected`)
}

function rowNamed(name: string): Row {
  const row = rows.find((row) => row.name === name)
  if (row !== undefined) return row
  throw new Error(`there is no row "${name}". Rows: ${rows.map((row) => row.name).join(', ')}`)
}
