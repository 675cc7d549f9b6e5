import { execFile } from 'node:child_process'

export interface Ended {
  /** undefined where a signal ended it. */
  code: number | undefined
  signal: string | undefined
  output: string
  errors: string
}

export interface RunOptions {
  /** Ends the program; its reason is thrown. */
  signal?: AbortSignal | undefined
  environment?: NodeJS.ProcessEnv
}

/** Runs a program to its end; undefined where there is no such program. */
export function runProgram(
  program: string,
  parameters: readonly string[],
  { signal, environment = process.env }: RunOptions = {},
): Promise<Ended | undefined> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 24, env: environment, ...(signal === undefined ? {} : { signal }) }
    execFile(program, parameters, options, (error, output, errors) => {
      if (signal?.aborted) reject(signal.reason)
      else if (error?.code === 'ENOENT') resolve(undefined)
      else {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
        resolve({ code, signal: error?.signal ?? undefined, output, errors })
      }
    })
  })
}
