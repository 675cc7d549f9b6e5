import { Command } from 'commander'
import { FacedataError } from '../errors/index.js'
import { describeDiagnosis, doctor } from '../inspections/doctor.js'
import { printResult } from './print-result.js'

interface DoctorFlags {
  datasets?: string
  json?: true
}

/** `facedata doctor`: exit code 1 where something needed does not work. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check whether facedata can work on this machine (changes nothing)')
    .option(
      '--datasets <DIR>',
      'folder whose free space is checked (default: $FACEDATA_DATASETS, else ./datasets)',
    )
    .option('--json', 'print the result as JSON on standard output')
    .action(async ({ json, ...options }: DoctorFlags) => {
      const found = await doctor(options)
      printResult(found, json, () => describeDiagnosis(found))
      if (!found.healthy) throw new FacedataError('something that facedata needs does not work here')
    })
}
