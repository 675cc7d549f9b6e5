import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.js'
import { type Command, commands, inputs } from './scale/commands.js'
import { type Measured, measureProcess } from './scale/measured-process.js'
import { writeSmallRecords } from './scale/records.js'

/** The bar: every command stays below. */
const MOST_BYTES = 2e9

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string', default: '20000000' },
    small: { type: 'string', default: '2000000' },
    folder: { type: 'string', default: tmpdir() },
  },
})

const small = Number(values.small)
const large = Number(values.records)
/** Merging is always done: the others work on what it makes. */
const names = positionals.length === 0 ? commands.map(({ name }) => name) : ['merge', ...positionals]
const chosen = names.map(commandNamed)

const few = await measureAt(small)
const many = await measureAt(large)
const lines = chosen.map((command) => {
  const at = { few: few.get(command)!, many: many.get(command)! }
  const growth = (at.many.peakBytes - at.few.peakBytes) / (large - small)
  const cells = [
    command.name,
    ...[at.few, at.many].flatMap(({ seconds, peakBytes, bytesPerSecond }) => [
      seconds.toFixed(1),
      `${Math.round(peakBytes / 1e6)} MB`,
      `${Math.round(bytesPerSecond / 1e6)} MB/s`,
    ]),
    `${growth.toFixed(1)} bytes`,
    at.many.peakBytes < MOST_BYTES ? 'yes' : 'no',
  ]
  return `| ${cells.join(' | ')} |`
})
const sizes = [small, large].map((size) => size.toLocaleString('en-US'))
const head = sizes.flatMap((size) => [`Seconds, ${size}`, 'Memory', 'Rate']).join(' | ')
process.stdout.write(
  `${[
    ...(await describeMachine()),
    '',
    `| Command | ${head} | Growth a record | Under 2 GB |`,
    `|${'---|'.repeat(9)}`,
    ...lines,
  ].join('\n')}\n`,
)

/** Makes the inputs, runs every command and removes all. */
async function measureAt(records: number): Promise<Map<Command, Measured & { bytesPerSecond: number }>> {
  const folder = await mkdtemp(join(values.folder, 'facedata-scale-'))
  const measured = new Map<Command, Measured & { bytesPerSecond: number }>()
  try {
    for (const [salt, name] of inputs.entries()) {
      await writeSmallRecords(join(folder, name), Math.floor(records / inputs.length), salt)
    }
    for (const command of chosen) {
      const result = await measureProcess(command.argv(folder), folder)
      const bytes = await sizeOf(command.records(folder))
      measured.set(command, { ...result, bytesPerSecond: bytes / result.seconds })
      process.stderr.write(
        `${records.toLocaleString('en-US')} records, ${command.name}: ${result.seconds.toFixed(1)} s, ${Math.round(result.peakBytes / 1e6)} MB\n`,
      )
    }
    return measured
  } finally {
    await rm(folder, { recursive: true })
  }
}

function commandNamed(name: string): Command {
  const command = commands.find((command) => command.name === name)
  if (command !== undefined) return command
  throw new Error(
    `there is no command "${name}". Commands: ${commands.map((command) => command.name).join(', ')}`,
  )
}

async function sizeOf(files: string[]): Promise<number> {
  let bytes = 0
  for (const file of files) bytes += (await stat(file)).size
  return bytes
}
