import { exportModel } from '../../engines/index.js'
import { backboneOf } from '../backbone.js'
import { readBackboneState } from './backbone-state.js'
import { describeNetwork, networkOf, type WeightsNetwork } from './network-of.js'
import { PIXELS } from './pixels.js'
import { openWeights } from './weights-file.js'

/** A model that was made from a file of weights, with what these told about their network. */
export interface ExportedFile extends WeightsNetwork {
  which: 'file'
}

/** Writes weights of a file as an ONNX model. @throws InputError, OutputError */
export async function exportFile(path: string, output: string): Promise<ExportedFile> {
  const file = await openWeights(path)
  try {
    const found = networkOf(file.backbone)
    const backbone = backboneOf(found, { height: found.imageSize, width: found.imageSize })
    const state = await readBackboneState(file.backbone, backbone)
    await exportModel(backbone, state, output, { ...PIXELS, metadata: {} })
    return { which: 'file', ...found }
  } finally {
    await file.close()
  }
}

/** `mbf, 512 numbers an embedding, 112x112 pixels` */
export function describeFile(file: ExportedFile): string {
  const { embedding_size: size, imageSize } = file
  return `${describeNetwork(file)}, ${size} numbers an embedding, ${imageSize}x${imageSize} pixels`
}
