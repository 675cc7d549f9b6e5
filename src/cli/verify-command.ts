import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { describeFault, ExitCode, FacedataError } from '../errors/index.js'
import { describeVerification } from '../inspections/verify/describe.js'
import { FaultJson } from '../inspections/verify/fault-json.js'
import type { DatasetFault, DatasetVerification } from '../inspections/verify/verification.js'
import { verify } from '../inspections/verify/verify.js'
import { consoleProgress } from './console-progress.js'
import { datasetsFlag, parseCount } from './option-values.js'
import { standardOutput } from './standard-output.js'
import { stopSignal } from './stop-signal.js'

interface VerifyFlags {
  decode?: true
  jobs: number
  datasets?: string
  json?: true
}

/** `facedata verify DATASET`: exit code 3 where there is any fault. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('check every record of a dataset and all that other files say of it (reads only)')
    .argument('<DATASET>', 'name, folder or .rec file')
    .option('--decode', 'decode every image too')
    .option('-j, --jobs <N>', 'threads that decode', parseCount, availableParallelism())
    .option(...datasetsFlag)
    .option('--json', 'print faults and result as JSON on standard output')
    .action(async (dataset: string, { json, ...options }: VerifyFlags) => {
      const output = json ? new JsonOutput() : new FaultLines()
      const found = await verify(dataset, {
        ...options,
        onFault: (fault) => output.fault(fault),
        progress: consoleProgress(),
        signal: stopSignal(),
      })
      output.finish(found)
      if (found.faultCount > 0) {
        const noun = found.faultCount === 1 ? 'fault' : 'faults'
        throw new FacedataError(
          `${found.faultCount.toLocaleString('en-US')} ${noun} in ${found.name}`,
          ExitCode.inputData,
        )
      }
    })
}

/** Faults as they come, then the result: there may be millions, so none is kept. */
interface FaultOutput {
  fault(fault: DatasetFault): void
  finish(found: DatasetVerification): void
}

class FaultLines implements FaultOutput {
  fault(fault: DatasetFault): void {
    standardOutput.writeLines([describeFault(fault)])
  }

  finish(found: DatasetVerification): void {
    standardOutput.writeLines(describeVerification(found))
    standardOutput.flush()
  }
}

class JsonOutput implements FaultOutput {
  readonly #json = new FaultJson((text) => standardOutput.write(text))

  fault(fault: DatasetFault): void {
    this.#json.fault(fault)
  }

  finish(found: DatasetVerification): void {
    this.#json.finish(found)
    standardOutput.flush()
  }
}
