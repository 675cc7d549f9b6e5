import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Dataset, readImageSync } from '../../dist/dataset/index.js'
import { decodeJpegRgbSync } from '../../dist/image/index.js'
import { Random } from '../../dist/random/random.js'
import { pythonSide } from '../python.js'
import { type Row, scaled } from '../row.js'
import { writePhotoDataset } from './datasets.js'

export const randomRead: Row = {
  name: 'random-read',
  work: 'random read and decode to RGB, 1 thread',
  unit: 'images/s',
  async prepare(bench) {
    const path = join(bench.path, 'dataset')
    const images = scaled(50_000, bench, 1000)
    const reads = scaled(20_000, bench, 1000)
    await writePhotoDataset(path, images)
    const dataset = await Dataset.open(path)
    const { keys, offsets, lengths } = await dataset.table()
    const { records } = dataset.files
    await dataset.close()
    const random = new Random(1)
    const order = Array.from({ length: reads }, () => random.integer(images))
    const orderFile = join(bench.path, 'order.txt')
    await writeFile(orderFile, order.map((position) => `${keys[position]}\n`).join(''))
    const descriptor = openSync(records, 'r')
    const python = await pythonSide('read_idx and imdecode', 'random_read.py', [path, orderFile])
    return {
      inputs: `${reads.toLocaleString('en-US')} of ${images.toLocaleString('en-US')} JPEGs 112x112`,
      ours: {
        name: 'readImageSync and decodeJpegRgbSync',
        async round() {
          const start = performance.now()
          for (const position of order) {
            const bytes = readImageSync(descriptor, records, offsets[position]!, lengths[position]!)
            if (decodeJpegRgbSync(bytes) === undefined) throw new Error(`image ${position} is not decoded`)
          }
          return { amount: order.length, seconds: (performance.now() - start) / 1000 }
        },
      },
      others: [{ side: python.side, bar: 4 }],
      async close() {
        await python.close()
        closeSync(descriptor)
      },
    }
  },
}
