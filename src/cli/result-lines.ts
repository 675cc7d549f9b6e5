import { shortPath } from '../io/index.js'
import type { AnyStage, Output } from '../stages/stage.js'

/** What a stage did, for a person: its first line ends with where the output lies. */
export function resultLines(stage: AnyStage, output: Output, result: unknown): string[] {
  const [first = '', ...others] = stage.describe(result)
  return [
    output.temporary ? first : `${first} → ${shortPath(output.path)}`,
    ...others.map((line) => `  ${line}`),
  ]
}
