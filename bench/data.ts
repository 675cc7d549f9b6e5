import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { rows } from './data/rows.js'
import { describeMachine } from './machine.js'
import { measureRow } from './measure.js'
import { isPossible, type Row } from './row.js'
import { type Comparison, tableLines } from './table.js'

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
const chosen = positionals.length === 0 ? rows.filter(isPossible) : positionals.map(rowNamed)

const comparisons: Comparison[] = []
for (const row of chosen)
  comparisons.push(...(await measureRow(row, { folder: values.folder, pairs, scale })))

const machine = await describeMachine()
process.stdout.write(`${[...machine, `- Pairs: ${pairs}`, '', ...tableLines(comparisons)].join('\n')}\n`)
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ machine, pairs, scale, comparisons }, null, 2)}\n`)
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
