export { ExitCode } from './exit-code.js'
export {
  DeadlineError,
  FacedataError,
  GuardError,
  InterruptedError,
  LockedError,
  OutputError,
  StrictError,
  UsageError,
} from './facedata-error.js'
export { describeFault, type Fault, InputError } from './input-error.js'
export { nearestWord } from './nearest-word.js'
export { describeIssue, expectation, expectedOf } from './schema-expectation.js'
