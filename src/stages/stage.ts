import type { z } from 'zod'
import type { Log, Progress } from '../progress/progress.js'
import type { Approve, Measure } from './measures.js'

/** What a stage reads. `id` is absolute; two steps that name the same artifact name the same id. */
export interface Input {
  path: string
  /** A dataset's fingerprint covers its content; a folder's covers paths, sizes and times of its files. */
  kind: 'dataset' | 'folder' | 'file' | 'run'
}

/** What a stage writes: one artifact. */
export interface Output {
  path: string
  kind: 'dataset' | 'folder' | 'file' | 'run'
  /** Paths of artifacts of the same kind that belong to it and are published with it: the second part of a split. */
  others?: string[]
  /** Nothing is published: the path only says where the scratch folder goes. */
  temporary?: true
}

/** All that a stage writes. */
export function outputPaths({ path, others = [] }: Output): string[] {
  return [path, ...others]
}

/** All that it publishes: nothing else may be written there meanwhile. */
export function publishedPaths(output: Output): string[] {
  return output.temporary ? [] : outputPaths(output)
}

/** Frozen inputs, cut into shards. JSON: it can be written down and carried to other machines. */
export interface Plan<Shard> {
  stage: string
  /** Hash of the options and the frozen inputs; names the scratch folder, so that a second run finds its shards. */
  fingerprint: string
  options: unknown
  output: Output
  /** One at least. */
  shards: Shard[]
  /** What the shards go through together, so that the whole shows as one piece of work: they only advance. */
  amount?: Amount
}

/** Of progress: `{phase: 'packing', total: 5000, unit: 'images'}`. */
export interface Amount {
  phase: string
  total: number
  unit: string
}

/** What one shard wrote, checked again before the shards are joined. */
export interface ShardResult {
  /** Paths relative to the scratch folder. `xxh64` in hex. */
  files: { path: string; bytes: number; xxh64: string }[]
  /** Images or records that went in, and those of them that were left out. */
  done: number
  skipped: number
}

/**
 * How a plan is cut: where it pays, since a thread costs something too; or as asked, since every shard goes to a machine.
 */
export type Cut = 'where-it-pays' | 'as-asked'

/** Files of one folder on disk, by their names. */
export interface FolderFiles {
  /** Absolute. */
  path: string
  names: string[]
}

export interface StageContext {
  log: Log
  progress: Progress
  signal: AbortSignal
  /** Worker threads that this stage may use. */
  jobs: number
  /** Folder of this plan's shards, on the file system of the output. It exists. */
  scratch: string
  /** Anything skipped is an error: nothing is published (StrictError). */
  strict: boolean
  /** Publish over an artifact that exists. */
  replace: boolean
  /** Asked by `finish` (by train, by `work`) when all is made and nothing published. */
  approve?: Approve | undefined
}

/**
 * One step of the road from photos to a model. `run` on a laptop, resuming, and a cluster are the same three functions:
 * plan, then work for every shard in any order and on any machine, then finish.
 */
export interface Stage<Options, Shard, Result> {
  name: string
  /** One line for `--help`. */
  summary: string
  /** One schema for the command line, pipeline steps and the JSON Schema. Keys are spelt as on the command line. */
  options: z.ZodObject & z.ZodType<Options>
  /** What it reads and writes, from the options alone: the pipeline's graph. @throws UsageError */
  inputs(options: Options): Promise<Input[]>
  output(options: Options): Output
  /**
   * What decides the result beside the inputs, key by key, where the options alone do not say: a config file that they
   * name, as resolved. Missing where the options say it.
   */
  settings?(options: Options): Record<string, unknown>
  /** What it makes depends on the number of threads: in a pipeline it gets all of them. */
  wholeMachine?: true
  /**
   * `work` watches its signal, and is waited for: its threads must not be stopped where they are. Native code that comes
   * back to a stopped thread, as onnxruntime's does, ends the process.
   */
  stopsItself?: true
  /** What `finish` tells `approve` of its output. Missing: nothing. */
  measures?: readonly Measure[]
  /**
   * Its work is spread over threads, which are started while the plan is made, and over the main thread: it lets the
   * event loop turn now and then, for signals.
   */
  threaded?: true
  /** Its work can be spread over machines: the plan gives as many shards as asked, where there is so much to cut. */
  inShards?: true
  /**
   * Reads and freezes the inputs. `shards` is a wish: fewer may come back. @param cut 'where-it-pays' by default
   * @throws UsageError, InputError
   */
  plan(options: Options, shards: number, cut?: Cut): Promise<Plan<Shard>>
  /**
   * Files on disk that a shard reads, where the plan does not freeze them: on a cluster they may not change between plan
   * and work.
   */
  filesOf?(shard: Shard): Iterable<FolderFiles>
  /**
   * Whether what an earlier run of this plan made of a shard still stands for its inputs. Missing where the plan freezes
   * them: then its fingerprint tells.
   */
  isCurrent?(shard: Shard, context: Pick<StageContext, 'scratch'>): Promise<boolean>
  /** Idempotent: writes only below `context.scratch`, under names of its own shard. */
  work(shard: Shard, context: StageContext): Promise<ShardResult>
  /** Joins the shards and publishes. @throws StrictError, InputError, OutputError */
  finish(plan: Plan<Shard>, results: ShardResult[], context: StageContext): Promise<Result>
  /**
   * Lines for a person. The first one counts what was written and what was skipped; it does not name the output, which
   * the caller adds.
   */
  describe(result: Result): string[]
  /** What is wrong with that which was looked at: the command then ends with exit code 3. Undefined where all is well. */
  verdict?(result: Result): string | undefined
}

/** A stage whose types are forgotten: what the command line, pipelines and executors hold. */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds stages of every option, shard and result type.
export type AnyStage = Stage<any, any, any>

/** Gives a stage literal its types. */
export function defineStage<Options, Shard, Result>(
  stage: Stage<Options, Shard, Result>,
): Stage<Options, Shard, Result> {
  return stage
}
