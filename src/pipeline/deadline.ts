import { DeadlineError, UsageError } from '../errors/index.js'

const CLOCK = /^(\d{1,2}):(\d{2})$/
const DURATION = /^(?=\d)(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$/
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/

/** `setTimeout` takes no more. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

/**
 * `06:00` is the next one of the clock here, `5h30m` a time from now, `2026-01-31T06:00` a moment (here, or with `Z`).
 * @throws UsageError for anything else, and a moment that is past
 */
export function parseDeadline(text: string, now = new Date()): Date {
  const deadline = clockTime(text, now) ?? duration(text, now) ?? moment(text)
  // Of a duration that no date can hold, the time is no number.
  if (deadline === undefined || Number.isNaN(deadline.getTime())) {
    throw new UsageError(
      `--deadline: expected a time (06:00), a duration (5h30m) or a moment (2026-01-31T06:00), found ${text}`,
    )
  }
  if (deadline <= now) throw new UsageError(`--deadline: ${text} is past`)
  return deadline
}

function clockTime(text: string, now: Date): Date | undefined {
  const [, hours, minutes] = CLOCK.exec(text) ?? []
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined
  const deadline = new Date(now)
  deadline.setHours(Number(hours), Number(minutes), 0, 0)
  if (deadline <= now) deadline.setDate(deadline.getDate() + 1)
  return deadline
}

function duration(text: string, now: Date): Date | undefined {
  const [found, hours = 0, minutes = 0, seconds = 0] = DURATION.exec(text) ?? []
  if (found === undefined) return undefined
  return new Date(now.getTime() + 1000 * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds)))
}

function moment(text: string): Date | undefined {
  const time = MOMENT.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time)
}

/** Aborts at the deadline, with a DeadlineError. `close` lets go of the clock. */
export function deadlineSignal(deadline: Date): { signal: AbortSignal; close(): void } {
  const controller = new AbortController()
  let timer: NodeJS.Timeout
  const wait = () => {
    const left = deadline.getTime() - Date.now()
    if (left <= 0) controller.abort(new DeadlineError(deadline))
    else timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS))
  }
  wait()
  return { signal: controller.signal, close: () => clearTimeout(timer) }
}
