import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureRow } from './measure.js'
import { isPossible } from './row.js'
import { type Comparison, tableLines } from './table.js'
import { floorLines } from './train/floor-lines.js'
import { rows } from './train/rows.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    folder: { type: 'string', default: tmpdir() },
  },
})

const options = { folder: values.folder, pairs: Number(values.pairs), scale: Number(values.scale) }
const chosen =
  positionals.length === 0 ? rows.filter(isPossible) : rows.filter(({ name }) => positionals.includes(name))

const comparisons: Comparison[] = []
for (const row of chosen) comparisons.push(...(await measureRow(row, options)))

const memory = (totalmem() / 2 ** 30).toFixed(0)
const machine = `- Machine: ${cpus()[0]?.model}, ${availableParallelism()} cores, ${memory} GiB of memory`
const table = tableLines(comparisons)
const floors = await floorLines(comparisons)
process.stdout.write(`${[machine, `- Pairs: ${options.pairs}`, '', ...table, '', ...floors].join('\n')}\n`)
