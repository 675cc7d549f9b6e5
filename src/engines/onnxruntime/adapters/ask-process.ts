import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A driver that does not answer in so many milliseconds is taken for none; the first shaders can take seconds. */
const TIME_LIMIT = 60_000

/** Most that driver and runtime may log, in bytes. */
const LONGEST_LOG = 64 * 2 ** 20

/** What a process answered, or why it did not, and what was logged in it. */
export interface ProcessAnswer<Answer> {
  answer?: Answer
  problem?: string
  log: string
}

/**
 * Runs a file that asks a driver something and prints the answer as a line of JSON. The driver lives in that process:
 * one that crashes or hangs is a problem that is named, no end of facedata.
 */
export function askProcess<Answer>(entry: URL, provider: string): Promise<ProcessAnswer<Answer>> {
  const options = {
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
    maxBuffer: LONGEST_LOG,
    // Vulkan's loader then says which device it opens.
    env: { ...process.env, VK_LOADER_DEBUG: 'all' },
  } as const
  return new Promise((resolve) => {
    execFile(process.execPath, [fileURLToPath(entry), provider], options, (error, stdout, stderr) => {
      const log = stderr + stdout
      // What the process printed holds, even where a driver crashes on the way out.
      const line = stdout.split('\n').find((text) => text.startsWith('{'))
      if (line !== undefined) resolve({ answer: JSON.parse(line) as Answer, log })
      else resolve({ problem: problemOf(error), log })
    })
  })
}

function problemOf(error: (Error & { killed?: boolean; signal?: unknown; code?: unknown }) | null): string {
  return error?.killed
    ? `its driver did not answer within ${TIME_LIMIT / 1000} s`
    : `its driver ends the process that asks it (${error?.signal ?? `exit code ${error?.code}`})`
}
