import { dirname } from 'node:path'
import { shortPath } from '../io/index.js'
import type { Handoff } from './handoff.js'

/** What was written and how to go on, for a person. */
export function describeHandoff(handoff: Handoff): string[] {
  const { config, rec, images, identities, valTargets, batchSize, commands, inPlace, lost } = handoff
  const text = (count: number) => count.toLocaleString('en-US')
  const folder = inPlace ? dirname(dirname(config)) : 'arcface_torch'
  return [
    `checked ${text(images)} images of ${text(identities)} identities`,
    `  config → ${shortPath(config)}`,
    `  data → ${shortPath(rec)}: links to the records, their index and ${bins(valTargets)}`,
    ...lost.map((sentence) => `  ${sentence}`),
    `On one machine, with all its GPUs${inPlace ? '' : ', in a clone of insightface (recognition/arcface_torch)'}:`,
    ...(inPlace ? [] : [`  cp ${config} ${folder}/configs/`]),
    `  cd ${folder} && ${commands.machine}`,
    'On each of many machines, all of which see the files above (RANK is 0, 1, ... and 0 on the first):',
    `  cd ${folder} && ${commands.machines}`,
    `batch_size ${batchSize} is for each GPU there: 8 GPUs make steps of ${text(8 * batchSize)} images.`,
    'It takes PyTorch 1.12 to 2.6: train_v2.py asks for 1.12, and 2.7 has no "verbose", which its lr_scheduler.py passes;',
    'also mxnet, easydict, scikit-learn and tensorboard, and NumPy below 1.24 for MXNet 1.9.1.',
  ]
}

function bins(names: readonly string[]): string {
  return names.length === 0 ? 'no bins' : names.map((name) => `${name}.bin`).join(', ')
}
