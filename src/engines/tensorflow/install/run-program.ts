import { execFile } from 'node:child_process'

export interface Ended {
  /** undefined where a signal ended it. */
  code: number | undefined
  signal: string | undefined
  output: string
  errors: string
}

/** undefined where there is no such program. It is ended where the signal says so, which then is thrown. */
export function runProgram(
  program: string,
  parameters: readonly string[],
  signal?: AbortSignal,
): Promise<Ended | undefined> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 24, ...(signal === undefined ? {} : { signal }) }
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
