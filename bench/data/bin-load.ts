import { join } from 'node:path'
import { OutputFile } from '../../dist/io/index.js'
import { ListPairWriter } from '../../dist/pickle/index.js'
import { decodeImages, makeRoom, readBin } from '../../dist/verification/index.js'
import { pythonSide } from '../python.js'
import { type Row, scaled } from '../row.js'
import { photos } from './photos.js'

const SIZE = { height: 112, width: 112 }

/** Both sides read the file and hold all images decoded, plain and mirrored: ours as uint8, PyTorch's as float32. */
export const binLoad: Row = {
  name: 'bin-load',
  work: 'load a bin to tensors',
  unit: 'images/s',
  async prepare(bench) {
    const path = join(bench.path, 'bench.bin')
    const pairs = scaled(6000, bench, 100)
    await writeBin(path, pairs)
    const python = await pythonSide('load_bin', 'load_bin.py', [path])
    return {
      inputs: `${(2 * pairs).toLocaleString('en-US')} JPEGs 112x112, all different`,
      ours: {
        name: 'readBin and decodeImages',
        async round() {
          const start = performance.now()
          const images = await load(path)
          return { amount: images, seconds: (performance.now() - start) / 1000 }
        },
      },
      others: [{ side: python.side, bar: 3 }],
      close: python.close,
    }
  },
}

async function load(path: string): Promise<number> {
  const bin = await readBin(path)
  const indices = [...bin.images.keys()]
  await decodeImages(bin, indices, SIZE, makeRoom(indices.length, SIZE, { flip: true }))
  return indices.length
}

/** Pairs of which every other one is the same person. */
export async function writeBin(path: string, pairs: number): Promise<void> {
  const file = await OutputFile.create(path)
  const writer = await ListPairWriter.begin(file)
  for await (const jpeg of photos({ images: 2 * pairs, size: SIZE.width, quality: 95 }))
    await writer.append(jpeg)
  await writer.finish(Array.from({ length: pairs }, (_, pair) => pair % 2 === 0))
  await file.close()
}
