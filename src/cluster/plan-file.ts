import { dirname, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { TOOL } from '../dataset/index.js'
import { InputError, UsageError } from '../errors/index.js'
import { hashToHex, xxh64 } from '../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../io/index.js'
import type { Amount, Output } from '../stages/stage.js'
import type { FrozenInput } from './frozen-inputs.js'

/** Raised when a plan of before cannot be read any more. */
const FORMAT = 2

const absolute = z.string().refine(isAbsolute, 'not an absolute path')
const count = z.number().int().nonnegative()
const kind = z.enum(['dataset', 'folder', 'file', 'run'])

const planSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Hash of all the rest: shards and markers name it. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  tool: z.string(),
  stage: z.string().regex(/^[a-z0-9-]+$/),
  /** Of the stage's plan. */
  fingerprint: z.string(),
  options: z.unknown(),
  output: z.strictObject({
    path: absolute,
    kind,
    others: z.array(absolute).optional(),
    temporary: z.literal(true).optional(),
  }),
  strict: z.boolean(),
  replace: z.boolean(),
  amount: z.strictObject({ phase: z.string(), total: count, unit: z.string() }).optional(),
  /** Tells two plans of the same work apart, whose folders would be one. */
  token: z.string(),
  inputs: z.array(z.strictObject({ path: absolute, kind, stamp: z.string() })),
  /** Each lies in a file of its own in the plan's folder: a plan of millions of files is more than one text can hold. */
  shards: z.array(z.strictObject({ bytes: count, xxh64: z.string() })).min(1),
})

type Stored = z.infer<typeof planSchema>

/** A plan as it is carried to other machines: `plan.json`. Its shards lie in its folder, beside the output. */
export interface ClusterPlan extends Omit<Stored, 'inputs' | 'output' | 'amount'> {
  inputs: FrozenInput[]
  output: Output
  amount?: Amount
  /** Absolute path of `plan.json`. */
  path: string
}

/** Shards, what they wrote, and nothing else: it is removed when the plan is finished. On the file system of the output. */
export function planFolder({ output, stage, id }: Pick<ClusterPlan, 'output' | 'stage' | 'id'>): string {
  return join(dirname(output.path), '.scratch', `${stage}-${id}-plan`)
}

/** What finished shards wrote, and their markers: the scratch folder of the stage's `finish`. */
export function finishedFolder(plan: ClusterPlan): string {
  return join(planFolder(plan), 'finished')
}

export function shardPath(folder: string, shard: number): string {
  return join(folder, 'shards', `shard-${shard}.json`)
}

/** The plan with its id. */
export function withId(plan: Omit<ClusterPlan, 'id' | 'format' | 'tool'>): ClusterPlan {
  const { path, ...rest } = plan
  const stored = { format: FORMAT, tool: TOOL, ...rest } as Omit<ClusterPlan, 'id' | 'path'>
  return { ...stored, id: idOf(stored), path }
}

export async function writePlan({ path, ...stored }: ClusterPlan): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(stored, null, 2)}\n`)
}

/** @param path absolute @throws InputError where it is no plan, or was changed; UsageError where another version made it */
export async function readPlan(path: string): Promise<ClusterPlan> {
  const plan = await readPlanOfAnyTool(path)
  if (plan.tool !== TOOL) {
    throw new UsageError(
      `${path} was made by ${plan.tool}, and this is ${TOOL}: shards of two versions could differ. Use one version on all machines, or plan again`,
    )
  }
  return plan
}

/** @throws InputError where it is no plan, or was changed */
async function readPlanOfAnyTool(path: string): Promise<ClusterPlan> {
  const json = parseJson((await readWholeFile(path)).toString('utf8'), path)
  const found = json as { format?: unknown; tool?: unknown } | null
  if (typeof found?.format === 'number' && found.format !== FORMAT) {
    throw new UsageError(
      `${path} is a plan in format ${found.format}, by ${String(found.tool)}; ${TOOL} reads format ${FORMAT}. Plan again`,
    )
  }
  const parsed = planSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InputError({
      file: path,
      problem: `not a plan of facedata: ${issue?.path.join('.') || 'content'}: ${issue?.message}`,
      fix: 'Make one with `facedata plan`.',
    })
  }
  const { id, ...rest } = parsed.data
  const actual = idOf(rest)
  if (actual !== id) {
    throw new InputError({
      file: path,
      problem: 'the plan was changed after it was made',
      expected: `id ${id}`,
      actual,
      fix: 'Plan again.',
    })
  }
  // Of JSON no member is undefined, which zod's type of an optional one allows.
  return { ...(parsed.data as Omit<ClusterPlan, 'path'>), path }
}

/** @throws InputError where it is missing or not that of the plan */
export async function readShard(plan: ClusterPlan, shard: number): Promise<unknown> {
  const path = shardPath(planFolder(plan), shard)
  const bytes = await readWholeFile(path)
  const expected = plan.shards[shard]!
  const actual = hashToHex(xxh64(bytes))
  if (bytes.length !== expected.bytes || actual !== expected.xxh64) {
    throw new InputError({
      file: path,
      problem: 'not the shard that the plan made',
      expected: `${expected.bytes} bytes, xxh64 ${expected.xxh64}`,
      actual: `${bytes.length} bytes, xxh64 ${actual}`,
      fix: 'Plan again.',
    })
  }
  return parseJson(bytes.toString('utf8'), path)
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError({ file, problem: `not JSON: ${(error as Error).message}` }, { cause: error })
  }
}

/** Independent of the order of keys, which a copy through another tool may change. */
function idOf(plan: Omit<Stored, 'id'> | Omit<ClusterPlan, 'id' | 'path'>): string {
  return hashToHex(xxh64(Buffer.from(JSON.stringify(sorted(plan)))))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]))
}
