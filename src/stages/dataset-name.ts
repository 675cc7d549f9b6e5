import { basename, resolve } from 'node:path'

/** What a dataset is called by default after the folder or `.rec` file of another: `/data/umd` and `umd.rec` are `umd`. */
export function nameOfDataset(nameOrPath: string): string {
  return basename(resolve(nameOrPath), '.rec')
}
