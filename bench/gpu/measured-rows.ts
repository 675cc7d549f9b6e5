import { type RowOutcome, rateOf, type SideOutcome } from './outcome.js'
import type { Device } from './probe.js'
import { type Limits, measureOurs, measurePytorch } from './sides.js'
import type { GpuWork } from './work.js'

export interface MeasuringOptions {
  python: string
  rounds: number
  /** Of everything, in milliseconds of `performance.now()`. */
  deadline: number
  say(line: string): void
}

/** The sides of each row one after the other. Each gets an equal part of the time that is left; what one leaves, the others have. */
export async function measureRows(
  table: readonly GpuWork[],
  devices: readonly Device[],
  { python, rounds, deadline, say }: MeasuringOptions,
): Promise<RowOutcome[]> {
  const rows: RowOutcome[] = []
  let withPytorch = true
  for (const [index, work] of table.entries()) {
    let sides = (table.length - index) * (devices.length + Number(withPytorch))
    const limits = (): Limits => {
      const seconds = (deadline - performance.now()) / 1000 / sides--
      return { seconds: Math.max(1, seconds), rounds }
    }
    const ours: Record<string, SideOutcome> = {}
    for (const device of devices) ours[device.title] = await measureOurs(work, device, limits())
    const pytorch: SideOutcome | undefined = withPytorch
      ? await measurePytorch(work, python, limits())
      : undefined
    // One that is not there now is not there for the next row either.
    withPytorch &&= pytorch !== undefined
    rows.push({ work, ours, pytorch })
    const told = Object.entries({ ...ours, PyTorch: pytorch }).map(([title, side]) => {
      const rate = rateOf(side)
      return `${title} ${rate === undefined ? 'nothing' : `${rate.toPrecision(3)} images/s`}`
    })
    say(`${work.name}: ${told.join(', ')}`)
  }
  return rows
}
