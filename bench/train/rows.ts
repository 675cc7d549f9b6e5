import type { Row } from '../row.js'
import { pytorchRows } from './against-pytorch.js'
import { partialFc } from './partial-fc.js'

/** In the order of the table. */
export const rows: readonly Row[] = [...pytorchRows, partialFc]
