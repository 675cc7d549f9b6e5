import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Side } from '../pairing.js'
import { benchPython } from '../python.js'
import type { BenchFolder, PreparedRow } from '../row.js'
import { facedata, processSide, publishedDataset, run } from '../whole-process.js'
import { describePhotos, type PhotoFolder } from './photos.js'

/**
 * `facedata pack` and MXNet's own im2rec with two processes over the same photos. im2rec's list is made before: of its
 * two commands only the second is timed, while `pack` finds the files itself.
 */
export async function packAgainstIm2rec(
  bench: BenchFolder,
  photos: PhotoFolder,
  options: { size: number; pack: string[]; im2rec: string[]; bar: number },
): Promise<PreparedRow> {
  const output = join(bench.path, 'packed')
  const ours = processSide({
    name: 'facedata pack',
    command: facedata(
      'pack',
      photos.path,
      '-o',
      output,
      '--jobs',
      String(availableParallelism()),
      ...options.pack,
    ),
    amount: photos.images,
    folder: bench.path,
    outputs: publishedDataset(bench.path, 'packed'),
  })
  return {
    inputs: describePhotos(photos, options.size),
    ours,
    others: [{ side: await im2recSide(bench, photos, options.im2rec), bar: options.bar }],
  }
}

async function im2recSide(bench: BenchFolder, photos: PhotoFolder, options: string[]): Promise<Side> {
  const python = await benchPython()
  const im2rec = (await python.output('im2rec_path.py')).trim()
  const folder = join(bench.path, 'im2rec')
  const prefix = join(folder, 'train')
  await mkdir(folder)
  await run(python.executable, [im2rec, '--list', '--recursive', '--no-shuffle', prefix, photos.path])
  return processSide({
    name: `im2rec.py ${options.join(' ')}`,
    command: [python.executable, im2rec, ...options, prefix, photos.path],
    amount: photos.images,
    folder: bench.path,
    outputs: [`${prefix}.rec`, `${prefix}.idx`],
  })
}
