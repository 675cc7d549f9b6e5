import type { Row } from '../row.js'
import { align } from './align.js'
import { binLoad } from './bin-load.js'
import { loader } from './loader.js'
import { merge } from './merge.js'
import { packPassThrough } from './pack-pass-through.js'
import { packReencode } from './pack-reencode.js'
import { packResize } from './pack-resize.js'
import { randomRead } from './random-read.js'

/** In the order of the table. */
export const rows: readonly Row[] = [
  packPassThrough,
  packReencode,
  packResize,
  merge,
  randomRead,
  loader,
  binLoad,
  align,
]
