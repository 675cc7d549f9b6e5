import type { Row } from '../row.js'
import { pytorchRows } from './against-pytorch.js'
import { binEvaluate } from './bin-evaluate.js'
import { partialFc } from './partial-fc.js'
import { trainingRun } from './training-run.js'

/** In the order of the table. */
export const rows: readonly Row[] = [...pytorchRows, trainingRun, binEvaluate, partialFc]
