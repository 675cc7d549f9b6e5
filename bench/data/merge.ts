import { join } from 'node:path'
import { benchPython } from '../python.js'
import { type Row, scaled } from '../row.js'
import { facedata, processSide, publishedDataset } from '../whole-process.js'
import { writeDataset } from './datasets.js'

const IMAGE_BYTES = 8000

export const merge: Row = {
  name: 'merge',
  work: 'merge two datasets',
  unit: 'records/s',
  async prepare(bench) {
    const records = scaled(1_000_000, bench, 2000)
    const half = Math.ceil(records / 2)
    const inputs = [join(bench.path, 'first'), join(bench.path, 'second')] as const
    for (const [number, path] of inputs.entries()) {
      await writeDataset(path, { images: half, imageBytes: IMAGE_BYTES, seed: number })
    }
    const merged = join(bench.path, 'merged')
    const joined = join(bench.path, 'joined')
    const copied = join(bench.path, 'copied')
    const python = await benchPython()
    const side = (name: string, outputs: string[], command: readonly [string, ...string[]]) =>
      processSide({ name, command, amount: 2 * half, folder: bench.path, outputs })
    const copy = `mkdir ${copied} && cp ${inputs[0]}/train.rec ${copied}/first.rec && cp ${inputs[1]}/train.rec ${copied}/second.rec && sync -f ${copied}`
    return {
      inputs: `${(2 * half).toLocaleString('en-US')} records of ${IMAGE_BYTES / 1000} kB in two datasets`,
      ours: side(
        'facedata merge',
        publishedDataset(bench.path, 'merged'),
        facedata('merge', ...inputs, '-o', merged),
      ),
      others: [
        {
          side: side(
            'mx.recordio, record by record',
            [joined],
            [python.executable, python.script('merge_loop.py'), ...inputs, joined],
          ),
          bar: 3,
        },
        { side: side('cp and sync -f', [copied], ['sh', '-c', copy]), bar: 0.7 },
      ],
    }
  },
}
