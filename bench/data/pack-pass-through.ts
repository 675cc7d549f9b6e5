import { join } from 'node:path'
import { type Row, scaled } from '../row.js'
import { packAgainstIm2rec } from './im2rec.js'
import { writePhotos } from './photos.js'

export const packPassThrough: Row = {
  name: 'pack-pass-through',
  work: 'pack, pass-through',
  unit: 'images/s',
  async prepare(bench) {
    const photos = await writePhotos(join(bench.path, 'photos'), {
      images: scaled(50_000, bench, 500),
      size: 112,
      quality: 95,
    })
    return packAgainstIm2rec(bench, photos, {
      size: 112,
      pack: ['--pass-through'],
      im2rec: ['--pass-through', '--num-thread', '2'],
      bar: 4,
    })
  },
}
