import { TOOL } from '../dataset/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { type Input, outputPaths } from '../stages/stage.js'
import { contentOf, UNREADABLE } from './contents/content.js'
import type { KnownContents } from './contents/known-contents.js'
import type { Step } from './step.js'
import type { RecordedContent, StepRecord } from './step-record.js'

/** A step beside what its last run wrote down. */
export interface Look {
  /** Why it must run, for a person; none where its artifact is fresh. */
  reasons: string[]
  /** What it would be made of now. */
  options: Record<string, string>
  inputs: RecordedContent[]
  /** What stands there now, of what stands there. */
  outputs: RecordedContent[]
}

export interface LookSettings {
  known: KnownContents
  /** Read every artifact again. */
  reread: boolean
  signal: AbortSignal
}

/** Compares a step with its record, and looks at its inputs and its artifact. */
export async function lookAt(
  step: Step,
  record: StepRecord | undefined,
  settings: LookSettings,
): Promise<Look> {
  const options = optionHashes(step)
  // Again: what a step before made may be of another kind, or elsewhere, than when the pipeline was read.
  const inputs = await look(await step.stage.inputs(step.options), settings)
  const outputs = await look(artifactsOf(step), settings)
  const reasons =
    record === undefined
      ? [
          outputs.length === 0
            ? 'new'
            : `${step.output.path} stands there, and no run wrote down how it was made`,
        ]
      : [
          ...artifactReasons(step, record, outputs),
          ...(record.tool === TOOL ? [] : [`tool version changed: ${record.tool}, now ${TOOL}`]),
          ...optionReasons(record.options, options),
          ...inputReasons(record.inputs, inputs),
        ]
  return { reasons, options, inputs, outputs }
}

/** All that a step leaves; nothing for one that only reports. */
export function artifactsOf({ output }: Step): Pick<Input, 'path' | 'kind'>[] {
  if (output.temporary) return []
  return outputPaths(output).map((path) => ({ path, kind: output.kind }))
}

async function look(
  artifacts: Pick<Input, 'path' | 'kind'>[],
  { known, reread, signal }: LookSettings,
): Promise<RecordedContent[]> {
  const found: RecordedContent[] = []
  for (const { path, kind } of artifacts) {
    const content = await contentOf({ path, kind }, { known: known.of(path), reread, signal })
    if (content === undefined) continue
    known.add(path, content)
    found.push({ path, kind, ...content })
  }
  return found
}

function artifactReasons(step: Step, { outputs: before }: StepRecord, now: RecordedContent[]): string[] {
  return artifactsOf(step).flatMap(({ path }) => {
    const found = now.find((content) => content.path === path)
    if (found === undefined) return [`artifact missing: ${path}`]
    if (found.digest === UNREADABLE) return [`artifact cannot be read: ${path}`]
    const written = before.find((content) => content.path === path)
    return found.digest === written?.digest ? [] : [`artifact is not what the last run wrote: ${path}`]
  })
}

function optionReasons(before: Record<string, string>, now: Record<string, string>): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  const changed = keys.filter((key) => before[key] !== now[key])
  return changed.length === 0 ? [] : [`options changed: ${changed.join(', ')}`]
}

function inputReasons(before: RecordedContent[], now: RecordedContent[]): string[] {
  const paths = [...new Set([...before, ...now].map(({ path }) => path))]
  const digests = (contents: RecordedContent[], path: string) =>
    contents.flatMap((content) => (content.path === path ? [content.digest] : [])).join()
  const unreadable = now.filter(({ digest }) => digest === UNREADABLE).map(({ path }) => path)
  const changed = paths.filter(
    (path) => !unreadable.includes(path) && digests(before, path) !== digests(now, path),
  )
  return [
    ...(changed.length === 0 ? [] : [`inputs changed: ${changed.join(', ')}`]),
    // Whether they are as they were cannot be told.
    ...(unreadable.length === 0 ? [] : [`inputs cannot be read: ${unreadable.join(', ')}`]),
  ]
}

/** `datasets` says where names are looked up: what is found there counts. */
function optionHashes({ stage, options, run }: Step): Record<string, string> {
  const { datasets: _, ...deciding } = (stage.settings?.(options) ?? options) as Record<string, unknown>
  const entries = Object.entries({ ...deciding, ...(run.strict && { strict: true }) })
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      value === undefined ? [] : [[key, hashToHex(xxh64(Buffer.from(JSON.stringify(value))))]],
    ),
  )
}
