import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureRows } from './gpu/measured-rows.js'
import { outcomeTable } from './gpu/outcome.js'
import { COMPUTING, type Computing, type Device, probeDevices } from './gpu/probe.js'
import { runTimed } from './gpu/timed-process.js'
import { TRIAL, tableOfWork } from './gpu/work.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string', default: 'webgpu,tensorflow' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '30' },
    budget: { type: 'string', default: '460' },
    python: { type: 'string', default: 'python3' },
    trial: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})

/** Part of the time that the comparison of one device with the processor may take. */
const CORRECTNESS = 0.2

const end = performance.now() + Number(values.budget) * 1000
const say = (line: string) => process.stdout.write(`${line}\n`)

say('Devices:')
const devices = (await probeDevices(wanted(), say)).filter(({ software }) => values.trial || !software)
if (devices.length === 0) {
  say('No GPU computes here: nothing is measured.')
  process.exit(1)
}
for (const device of devices) {
  say(`\n${device.name} (${device.title}), five steps against the processor:`)
  await checkCorrectness(device)
}
say('')
const table = values.trial ? TRIAL : tableOfWork(Number(values.batch))
const rows = await measureRows(
  positionals.length === 0 ? table : table.filter(({ name }) => positionals.includes(name)),
  devices,
  { python: values.python, rounds: Number(values.rounds), deadline: end, say },
)
const titles = devices.map(({ title }) => title)
say(`\n${outcomeTable(titles, rows).join('\n')}`)
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(rows, undefined, 1))

function wanted(): Computing[] {
  return values.on.split(',').map((name) => {
    const known = COMPUTING.find((each) => each === name)
    if (known === undefined) throw new Error(`--on takes ${COMPUTING.join(', ')}, not ${name}`)
    return known
  })
}

async function checkCorrectness({ engine, provider, float16 }: Device): Promise<void> {
  const entry = fileURLToPath(new URL('./gpu/correctness-entry.js', import.meta.url))
  const precisions = float16 ? ['float32', 'float16'] : ['float32']
  const request = JSON.stringify({ engine, provider, precisions })
  const { lines, problem } = await runTimed<{
    precision: string
    off: number
    tolerance: number
    right: boolean
  }>(process.execPath, [entry, request], (CORRECTNESS * (end - performance.now())) / 1000)
  for (const { precision, off, tolerance, right } of lines) {
    const verdict = right ? 'right' : 'WRONG'
    say(
      `- ${precision}: ${verdict}, losses differ by ${off.toExponential(1)} at most (${tolerance} is allowed)`,
    )
  }
  if (problem !== undefined) say(`- ${problem}`)
}
