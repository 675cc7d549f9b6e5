import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Adapter } from '../dist/engines/index.js'
import { outcomeTable, type RowOutcome, rateOf, type SideOutcome } from './gpu/outcome.js'
import { probeDevices } from './gpu/probe.js'
import { measureOurs, measurePytorch } from './gpu/sides.js'
import { runTimed } from './gpu/timed-process.js'
import { TRIAL, tableOfWork } from './gpu/work.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    provider: { type: 'string', default: 'webgpu' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '30' },
    budget: { type: 'string', default: '460' },
    python: { type: 'string', default: 'python3' },
    trial: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})

/** Part of the time that the comparison with the processor may take. */
const CORRECTNESS = 0.25

const end = performance.now() + Number(values.budget) * 1000
const secondsLeft = () => (end - performance.now()) / 1000
const say = (line: string) => process.stdout.write(`${line}\n`)

say('Devices:')
const providers = (
  values.provider === 'all' ? ['webgpu', 'cuda'] : [values.provider]
) as Adapter['provider'][]
const adapters = (await probeDevices(providers, say)).filter(({ software }) => values.trial || !software)
if (adapters.length === 0) {
  say('No GPU computes here: nothing is measured.')
  process.exit(1)
}

const outcomes: Record<string, RowOutcome[]> = {}
for (const [index, adapter] of adapters.entries()) {
  say(`\n${adapter.name} (${adapter.provider}), five steps against the processor:`)
  await checkCorrectness(adapter)
  say('')
  const share = secondsLeft() / (adapters.length - index)
  const rows = await measureRows(adapter, performance.now() + share * 1000)
  outcomes[adapter.provider] = rows
  say(`\n${outcomeTable(rows).join('\n')}`)
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(outcomes, undefined, 1))

async function checkCorrectness(adapter: Adapter): Promise<void> {
  const entry = fileURLToPath(new URL('./gpu/correctness-entry.js', import.meta.url))
  const precisions = adapter.float16 ? ['float32', 'float16'] : ['float32']
  const request = JSON.stringify({ provider: adapter.provider, precisions })
  const { lines, problem } = await runTimed<{
    precision: string
    off: number
    tolerance: number
    right: boolean
  }>(process.execPath, [entry, request], CORRECTNESS * secondsLeft())
  for (const { precision, off, tolerance, right } of lines) {
    const verdict = right ? 'right' : 'WRONG'
    say(
      `- ${precision}: ${verdict}, losses differ by ${off.toExponential(1)} at most (${tolerance} is allowed)`,
    )
  }
  if (problem !== undefined) say(`- ${problem}`)
}

/** Each side of each row gets an equal part of the time that is left; what one leaves, the others have. */
async function measureRows(adapter: Adapter, deadline: number): Promise<RowOutcome[]> {
  const table = values.trial ? [TRIAL] : tableOfWork(Number(values.batch))
  const chosen = positionals.length === 0 ? table : table.filter(({ name }) => positionals.includes(name))
  const rounds = Number(values.rounds)
  const rows: RowOutcome[] = []
  let withPytorch = true
  for (const [index, work] of chosen.entries()) {
    const left = chosen.length - index
    const seconds = (sides: number) => Math.max(1, (deadline - performance.now()) / 1000 / sides)
    const ours = await measureOurs(work, adapter, { seconds: seconds(withPytorch ? 2 * left : left), rounds })
    const pytorch: SideOutcome | undefined = withPytorch
      ? await measurePytorch(work, values.python, { seconds: seconds(2 * left - 1), rounds })
      : undefined
    // One that is not there now is not there for the next row either.
    withPytorch &&= pytorch !== undefined
    rows.push({ work, ours, pytorch })
    say(`${work.name}: facedata ${told(rateOf(ours))}, PyTorch ${told(rateOf(pytorch))}`)
  }
  return rows
}

function told(rate: number | undefined): string {
  return rate === undefined ? 'nothing' : `${rate.toPrecision(3)} images/s`
}
