import { join } from 'node:path'
import { type Row, scaled } from '../row.js'
import { packAgainstIm2rec } from './im2rec.js'
import { writePhotos } from './photos.js'

/** As phones write upright photos: both sides turn it by a quarter. */
const ORIENTATION = 6

/** `pack` stores a photo that has its shape byte for byte: only photos that are to be turned are encoded again. */
export const packReencode: Row = {
  name: 'pack-reencode',
  work: 'pack, decode, turn and encode q95 at the same size',
  unit: 'images/s',
  async prepare(bench) {
    const photos = await writePhotos(join(bench.path, 'photos'), {
      images: scaled(50_000, bench, 500),
      size: 112,
      quality: 95,
      orientation: ORIENTATION,
    })
    return packAgainstIm2rec(bench, photos, {
      size: 112,
      pack: ['--quality', '95'],
      im2rec: ['--quality', '95', '--num-thread', '2'],
      bar: 3,
    })
  },
}
