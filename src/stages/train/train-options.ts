import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../../errors/index.js'
import { type LoadedConfig, loadConfig, type Override, parseSetting } from '../../training/index.js'
import { datasetsOption, option } from '../common-options.js'

export const trainOptions = z.object({
  config: option(z.string().optional(), {
    description: 'training config, in YAML or a .py of arcface_torch (default: ./train.yaml)',
    argument: 'CONFIG',
    positional: true,
  }),
  set: option(z.array(z.string()).optional(), {
    description: 'a key of the config, set here: --set lr=0.2 (repeatable)',
    argument: 'KEY=VALUE',
  }),
  dataset: option(z.string().optional(), { description: 'dataset, by name or path', argument: 'DATASET' }),
  val_targets: option(z.array(z.string()).optional(), {
    description: 'verification bin to measure the run by (repeatable)',
    argument: 'BIN',
  }),
  output: option(z.string().optional(), { description: 'folder of the run', argument: 'RUN', short: 'o' }),
  resume: option(z.boolean().optional(), { description: 'go on at the last checkpoint of the output' }),
  init: option(z.string().optional(), {
    description:
      "weights to begin with: a backbone's .safetensors, arcface_torch's model.pt or checkpoint_gpu_0.pt, or a run",
    argument: 'FILE',
  }),
  provider: option(z.enum(['auto', 'cpu', 'webgpu', 'cuda']).optional(), {
    description: 'where the engine runs: auto is a real GPU where one answers, else the processor',
    argument: 'PROVIDER',
  }),
  engine: option(z.enum(['auto', 'onnxruntime', 'tensorflow']).optional(), {
    description: 'what runs the steps: auto is tensorflow where it sees a CUDA GPU, else onnxruntime',
    argument: 'ENGINE',
  }),
  datasets: datasetsOption,
})

export type TrainOptions = z.output<typeof trainOptions>

/** The config as resolved: the file, then `set`, then the options of their own name. @throws UsageError, InputError */
export function resolveConfig(options: TrainOptions): LoadedConfig & { path: string } {
  const path = options.config ?? defaultConfig()
  const named = (
    ['dataset', 'val_targets', 'output', 'resume', 'init', 'provider', 'engine'] as const
  ).flatMap((key): Override[] =>
    options[key] === undefined ? [] : [{ source: `--${key}`, key, value: options[key] }],
  )
  return { path, ...loadConfig(path, [...(options.set ?? []).map(parseSetting), ...named]) }
}

function defaultConfig(): string {
  if (existsSync('train.yaml')) return 'train.yaml'
  const names = existsSync('configs') ? readdirSync('configs') : []
  const configs = names.filter((name) => ['.yaml', '.yml', '.py'].includes(extname(name))).sort()
  const there =
    configs.length === 0 ? '' : `. There are: ${configs.map((name) => join('configs', name)).join(', ')}`
  throw new UsageError(`there is no train.yaml here: name a config${there}`)
}
