/** Process exit codes of `facedata`. 130 and 143 are the shell's codes for SIGINT and SIGTERM. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  inputData: 3,
  locked: 4,
  strict: 5,
  deadline: 6,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
