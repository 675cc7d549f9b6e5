import { resolve } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../../errors/index.js'
import { option } from '../common-options.js'

/** Smaller faces become blurred images: 112 pixels are made of fewer than 60. */
const DEFAULT_MIN_FACE = 40

export const alignOptions = z.object({
  folder: option(z.string().min(1), {
    description: 'folder of photos, with folders in it to any depth',
    argument: 'FOLDER',
    positional: true,
  }),
  output: option(z.string().min(1), {
    description: 'the folder to write: the same folders and names, aligned JPEGs',
    argument: 'FOLDER',
    short: 'o',
  }),
  detector: option(z.string().min(1).optional(), {
    description: 'find the faces: folder of MTCNN, with pnet.onnx, rnet.onnx and onet.onnx',
    argument: 'DIR',
  }),
  'min-face': option(z.number().int().min(12).optional(), {
    description: `with --detector: side of the smallest face to look for, in pixels of the photo (default: ${DEFAULT_MIN_FACE})`,
    argument: 'PIXELS',
  }),
  landmarks: option(z.string().min(1).optional(), {
    description:
      'take the faces from a file, as align itself writes it: path score x1 y1 ... x5 y5, tabs between',
    argument: 'FILE.tsv',
  }),
  size: option(z.number().int().min(16).max(1024).default(112), {
    description: 'width and height of the aligned images, in pixels',
    argument: 'PIXELS',
  }),
  quality: option(z.number().int().min(1).max(100).default(95), {
    description: 'JPEG quality of the aligned images, 1 to 100',
    argument: 'Q',
  }),
})

export type AlignOptions = z.infer<typeof alignOptions>

/** Where the landmarks come from. Paths are absolute. */
export type FaceSource =
  | { kind: 'detector'; folder: string; minFace: number }
  | { kind: 'landmarks'; file: string }

/** @throws UsageError where options contradict each other or one is missing */
export function faceSourceOf({ detector, landmarks, 'min-face': minFace }: AlignOptions): FaceSource {
  if ((detector === undefined) === (landmarks === undefined)) {
    throw new UsageError('align needs one of --detector DIR and --landmarks FILE.tsv')
  }
  if (detector !== undefined) {
    return { kind: 'detector', folder: resolve(detector), minFace: minFace ?? DEFAULT_MIN_FACE }
  }
  if (minFace !== undefined) {
    throw new UsageError('align --landmarks: --min-face belongs to --detector; leave it out')
  }
  return { kind: 'landmarks', file: resolve(landmarks!) }
}
