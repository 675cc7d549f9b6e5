import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface ProcessOutcome<Line> {
  /** What it printed, a JSON object a line, until it ended or was ended. */
  lines: Line[]
  /** Why there is not all of it. */
  problem: string | undefined
}

/** Characters of standard error that tell why a process failed. */
const LAST_WORDS = 600

/**
 * Runs a program that prints a JSON object a line, and ends it when its time is up: what it printed before holds. Lines
 * that are no JSON are passed over.
 */
export async function runTimed<Line>(
  command: string,
  args: readonly string[],
  seconds: number,
): Promise<ProcessOutcome<Line>> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: Line[] = []
  let words = ''
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, seconds * 1000)
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Line)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  try {
    const [code, signal] = await once(child, 'close')
    const ended = code === 0 ? undefined : `ended with ${code ?? signal}: ${words.trim()}`
    return { lines, problem: late ? `was ended after ${Math.round(seconds)} s` : ended }
  } catch (error) {
    return { lines, problem: (error as Error).message }
  } finally {
    clearTimeout(timer)
  }
}
