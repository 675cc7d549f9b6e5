import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../errors/index.js'
import { shortPath } from '../io/index.js'
import { describeOverlap } from '../overlap/describe.js'
import { Overlap, type OverlapModel } from '../overlap/overlap.js'
import { writeOverlapCsv } from '../overlap/overlap-file.js'
import { refuseExistingOutput } from '../stages/existing-output.js'
import type { ModelOptions } from '../stages/model-options.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { datasetsFlag, gather, parseCount, parseNumber } from './option-values.js'
import { standardOutput } from './standard-output.js'
import { stopSignal } from './stop-signal.js'

interface ModelFlags extends Partial<ModelOptions> {
  threshold?: number
  embeddings?: string[]
}

interface OverlapFlags extends ModelFlags {
  model?: string
  output?: string
  replace?: true
  jobs: number
  datasets?: string
  json?: true
}

/** `facedata overlap A B`: exit code 0 whether they have anything in common or not. */
export function overlapCommand(): Command {
  return new Command('overlap')
    .description('show the people and images that two datasets, folders or bins have in common (reads only)')
    .argument('<A>', 'dataset by name or path, folder of photos, or bin')
    .argument('<B>', 'what it is compared with')
    .option('-o, --output <FILE.csv>', 'write all that is in common to this file too')
    .option('--replace', 'write over a file that exists')
    .option('--model <MODEL.onnx|RUN|FILE.pt>', 'face embedder: people are compared by embeddings too')
    .option(
      '--threshold <T>',
      'cosine from which on it is the same person (default: 0.65 between centres, 0.55 from an image of a bin)',
      parseCosine,
    )
    .option(
      '--embeddings <FILE.arrow|DIR>',
      'embeddings file to take embeddings from, or folder to keep them in (default: .embeddings in the datasets folder)',
      gather,
    )
    .addOption(
      new Option(
        '--color <ORDER>',
        'channel order of the model (default: from its metadata, else rgb)',
      ).choices(['rgb', 'bgr']),
    )
    .option(
      '--mean <VALUE>',
      'subtracted from pixel values (default: from the metadata, else 127.5)',
      parseNumber,
    )
    .option('--std <VALUE>', 'divisor after that (default: from the metadata, else 127.5)', parseDivisor)
    .addOption(
      new Option('--provider <PROVIDER>', 'where the model runs (default: auto)').choices([
        'auto',
        'cpu',
        'webgpu',
        'cuda',
      ]),
    )
    .option('-j, --jobs <N>', 'worker threads', parseCount, availableParallelism())
    .option(...datasetsFlag)
    .option('--json', 'print the result as JSON on standard output')
    .action(showOverlap)
}

async function showOverlap(a: string, b: string, flags: OverlapFlags): Promise<void> {
  const { model, output, replace, jobs, datasets, json, ...modelFlags } = flags
  const given = modelOf(model, modelFlags)
  const file = output === undefined ? undefined : resolve(output)
  if (file !== undefined) await refuseExistingOutput({ path: file, kind: 'file' }, replace === true)
  else if (replace) throw new UsageError('--replace has no effect without -o. Leave it out')
  const overlap = await Overlap.find(a, b, {
    ...(datasets !== undefined && { datasets }),
    ...(given && { model: given }),
    jobs,
    signal: stopSignal(),
    progress: consoleProgress(),
    log: consoleLog,
  })
  if (file !== undefined) await writeOverlapCsv(file, overlap)
  if (json) printJson(overlap)
  else {
    const written = file === undefined ? [] : [`  all of it → ${shortPath(file)}`]
    standardOutput.writeLines([...describeOverlap(overlap), ...written])
  }
}

/** @throws UsageError for what has no effect without a model */
function modelOf(path: string | undefined, flags: ModelFlags): OverlapModel | undefined {
  const [given] = Object.keys(flags)
  if (path === undefined) {
    if (given !== undefined) throw new UsageError(`--${given} has no effect without --model. Leave it out`)
    return undefined
  }
  const { threshold, embeddings, color, mean, std, provider = 'auto' } = flags
  return {
    path,
    options: { color, mean, std, provider },
    ...(threshold !== undefined && { threshold }),
    ...(embeddings && { embeddings }),
  }
}

/** The counts, the people, then the images one by one: there may be millions. */
function printJson(overlap: Overlap): void {
  const { counts, people } = overlap
  const output = standardOutput
  output.write(JSON.stringify({ ...counts, commonPeople: people }, null, 2).slice(0, -2))
  output.write(',\n  "commonImages": [')
  let separator = '\n    '
  for (const image of overlap.images()) {
    output.write(`${separator}${JSON.stringify(image)}`)
    separator = ',\n    '
  }
  output.write(overlap.imagePairs > 0 ? '\n  ]\n}\n' : ']\n}\n')
  output.flush()
}

function parseCosine(text: string): number {
  const value = parseNumber(text)
  if (value < -1 || value > 1) throw new InvalidArgumentError('a cosine from -1 to 1 is expected.')
  return value
}

function parseDivisor(text: string): number {
  const value = parseNumber(text)
  if (value <= 0) throw new InvalidArgumentError('a number above 0 is expected.')
  return value
}
