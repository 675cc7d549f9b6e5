import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { resolveDataset } from '../dataset/index.js'
import { UsageError } from '../errors/index.js'
import { readWholeFile, writeFileAtomically } from '../io/index.js'
import { type Log, silentLog } from '../progress/progress.js'
import { refuseExistingOutput } from '../stages/existing-output.js'
import { findValTargets, loadConfig, parseSetting, warnOfTypedNumbers } from '../training/index.js'
import { checkDataset } from './checked-dataset.js'
import { CONFIG_MARK, configText } from './config-text.js'
import { linkDataset } from './dataset-links.js'
import { moduleName } from './module-name.js'
import { type TorchrunCommands, torchrunCommands } from './torchrun.js'
import { upstreamConfig } from './upstream-config.js'

export interface HandoffOptions {
  /** Folder to write to: upstream's own, or any other. By default `handoff`. */
  output?: string
  set?: string[]
  datasets?: string
  /** Write over an earlier handoff of the same name. */
  replace?: boolean
  log?: Log
}

/** What upstream was given. Paths are absolute. */
export interface Handoff {
  /** `configs/NAME.py` below the output. */
  config: string
  /** The folder that the config names as `rec`: links to the records, their index and the bins. */
  rec: string
  images: number
  identities: number
  valTargets: string[]
  batchSize: number
  commands: TorchrunCommands
  /** Whether the output is upstream's own folder, where the commands run. */
  inPlace: boolean
  /** What of the config is otherwise there, in sentences. */
  lost: string[]
}

/**
 * Writes a config and a dataset's folder for `train_v2.py` of insightface's arcface_torch, after checking what it takes
 * on trust: it trains on many machines, which facedata does not.
 * @throws UsageError, InputError, OutputError
 */
export async function handoff(config: string, options: HandoffOptions = {}): Promise<Handoff> {
  const loaded = loadConfig(config, (options.set ?? []).map(parseSetting))
  const name = moduleName(config)
  const output = resolve(options.output ?? 'handoff')
  const rec = join(output, 'data', name)
  const path = join(output, 'configs', `${name}.py`)
  await refuseExistingConfig(path, options.replace === true)
  await refuseExistingOutput({ path: rec, kind: 'folder' }, options.replace === true)

  const folder = await realpath(await resolveDataset(loaded.config.dataset, options.datasets))
  const found = findValTargets(loaded.config.val_targets, { dataset: folder, config: loaded.directory })
  const valTargets = await Promise.all(found.map(async (bin) => ({ ...bin, path: await realpath(bin.path) })))
  const dataset = await checkDataset(folder)
  if (dataset.images < loaded.config.batch_size) {
    throw new UsageError(
      `${dataset.records} has ${dataset.images} images, less than one batch of batch_size ${loaded.config.batch_size}`,
    )
  }
  warnOfTypedNumbers(
    loaded.config,
    { classes: dataset.classes, count: dataset.images },
    options.log ?? silentLog,
  )
  const { values, lost } = upstreamConfig(loaded, dataset, {
    rec,
    valTargets: valTargets.map((target) => target.name),
    python: extname(config) === '.py',
  })
  const commands = torchrunCommands(name)
  await linkDataset(rec, dataset, valTargets)
  await writeFileAtomically(path, configText(basename(config), values, commands))
  return {
    config: path,
    rec,
    images: dataset.images,
    identities: dataset.classes,
    valTargets: valTargets.map((target) => target.name),
    batchSize: loaded.config.batch_size,
    commands,
    inPlace: existsSync(join(output, 'train_v2.py')),
    lost,
  }
}

/** A config of upstream's own, or of the user's, is never written over. */
async function refuseExistingConfig(path: string, replace: boolean): Promise<void> {
  if (!existsSync(path)) return
  const ours = (await readWholeFile(path)).toString('utf8').startsWith(CONFIG_MARK)
  if (replace && ours) return
  throw new UsageError(
    ours
      ? `${path} exists. Choose another output, or give --replace`
      : `${path} was not written by facedata, and is never replaced. Choose another output, or name the config otherwise`,
  )
}
