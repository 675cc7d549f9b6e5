import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Something done to a dataset, in a process of its own. */
export interface Command {
  name: string
  /** Arguments of node. */
  argv(folder: string): string[]
  /** The `.rec` file whose bytes a second are told. */
  records(folder: string): string[]
}

const cli = fileURLToPath(new URL('../../dist/cli/cli.js', import.meta.url))
const training = fileURLToPath(new URL('./open-for-training.js', import.meta.url))

/** Folders of the inputs, of tools other than facedata; the other commands work on what `merge` makes of them. */
export const inputs = ['first', 'second']

const inputsOf = (folder: string) => inputs.map((name) => join(folder, name))
const merged = (folder: string) => join(folder, 'merged')
const mergedRecords = (folder: string) => [join(merged(folder), 'train.rec')]

/** In this order: a command may read what one before it wrote. */
export const commands: readonly Command[] = [
  {
    name: 'merge',
    argv: (folder) => [cli, 'merge', ...inputsOf(folder), '-o', merged(folder), '--dialect', 'im2rec'],
    records: (folder) => inputsOf(folder).map((path) => join(path, 'train.rec')),
  },
  { name: 'verify', argv: (folder) => [cli, 'verify', merged(folder)], records: mergedRecords },
  { name: 'inspect', argv: (folder) => [cli, 'inspect', merged(folder)], records: mergedRecords },
  {
    name: 'split',
    argv: (folder) => [
      cli,
      'split',
      merged(folder),
      '-o',
      join(folder, 'train'),
      '--val',
      join(folder, 'val'),
    ],
    records: mergedRecords,
  },
  {
    name: 'shuffle',
    argv: (folder) => [cli, 'shuffle', merged(folder), '-o', join(folder, 'shuffled')],
    records: mergedRecords,
  },
  {
    name: 'report',
    argv: (folder) => [cli, 'report', merged(folder), '-o', join(folder, 'report.html')],
    records: mergedRecords,
  },
  { name: 'open-for-training', argv: (folder) => [training, merged(folder)], records: mergedRecords },
]
