import { join } from 'node:path'
import { type Row, scaled } from '../row.js'
import { packAgainstIm2rec } from './im2rec.js'
import { writePhotos } from './photos.js'

/** im2rec resizes by bilinear interpolation of four pixels, `pack` by a Lanczos window over all of them. */
export const packResize: Row = {
  name: 'pack-resize',
  work: 'pack, 250x250 to 112x112',
  unit: 'images/s',
  async prepare(bench) {
    const photos = await writePhotos(join(bench.path, 'photos'), {
      images: scaled(20_000, bench, 500),
      size: 250,
      quality: 85,
    })
    return packAgainstIm2rec(bench, photos, {
      size: 250,
      pack: ['--size', '112'],
      im2rec: ['--resize', '112', '--num-thread', '2'],
      bar: 1.3,
    })
  },
}
