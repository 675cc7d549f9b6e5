/** Python that is not read, or is none: why, and where. */
export class PythonFault extends Error {
  readonly line: number

  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

/** A value that could not be told, because of a fault that is reported already. */
export class UntoldValue extends Error {}
