import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory, removeTree, writeFileAtomically } from '../io/index.js'
import { checkpointSteps, removeUnfinished } from './checkpoints/checkpoint.js'
import type { TrainingConfig } from './config/index.js'
import { formatConfig, loadConfig } from './config/index.js'

/** Names under which its files are written before they have their own. */
const UNFINISHED = /^\.(config\.yaml|best\.safetensors|model\.onnx|.+\.arrow)\.[0-9a-f]+\.tmp$/

/** The files of a run, all below the config's `output`. */
export class RunDirectory {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The config as resolved, all defaults filled in. */
  get config(): string {
    return join(this.path, 'config.yaml')
  }

  get log(): string {
    return join(this.path, 'log.jsonl')
  }

  /** TensorBoard's files, where upstream has them. */
  get curves(): string {
    return join(this.path, 'tensorboard')
  }

  get checkpoints(): string {
    return join(this.path, 'checkpoints')
  }

  /** Backbone with the highest mean accuracy over the val targets. */
  get best(): string {
    return join(this.path, 'best.safetensors')
  }

  /** Scores of the pairs of each val target, by the best backbone. */
  get verification(): string {
    return join(this.path, 'verification')
  }

  /** @param target bare name of a val target */
  pairScores(target: string): string {
    return join(this.verification, `${target}.arrow`)
  }

  /** Of the last run that was finished here: it stays until the next one has its own. */
  get model(): string {
    return join(this.path, 'model.onnx')
  }

  /** Whether some run wrote here. */
  holdsRun(): boolean {
    return [...this.#parts(), this.model].some((file) => existsSync(file))
  }

  /** The last step at which a checkpoint stands. */
  async lastCheckpoint(): Promise<number | undefined> {
    return (await checkpointSteps(this.checkpoints)).at(-1)
  }

  /** @throws InputError, UsageError */
  readConfig(): TrainingConfig {
    return loadConfig(this.config).config
  }

  /** Makes the folders, clears away what a killed run left half-written, and writes the config. */
  async prepare(config: TrainingConfig): Promise<void> {
    await makeDirectory(this.checkpoints)
    await removeUnfinished(this.checkpoints)
    for (const name of await readdir(this.path)) {
      if (UNFINISHED.test(name)) await removeTree(join(this.path, name))
    }
    await writeFileAtomically(this.config, formatConfig(config))
  }

  /** Removes an earlier run, but for its model, and nothing else that lies in the folder. */
  async clear(): Promise<void> {
    for (const file of this.#parts()) await removeTree(file)
  }

  #parts(): string[] {
    return [this.config, this.log, this.curves, this.checkpoints, this.best, this.verification]
  }
}
