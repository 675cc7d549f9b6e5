import { join } from 'node:path'
import { cutSquares, type RgbImage } from '../../image/index.js'
import { type Face, LANDMARKS, roundedFace } from '../face.js'
import { type Box, longerSide, refined, squareAround, suppress } from './box.js'
import { Network } from './network.js'
import { propose } from './proposals.js'

/** Files of the detector in its folder. */
export const NETWORK_FILES = ['pnet.onnx', 'rnet.onnx', 'onet.onnx'] as const

/** What each network sees of a box: so many pixels a side. */
const REFINED_VIEW = 24
const LAST_VIEW = 48

const REFINED_THRESHOLD = 0.7
const LAST_THRESHOLD = 0.7
const OVERLAP = 0.7

/** A face with its box. */
export interface DetectedFace extends Face {
  /** The longer side of its box, pixels. */
  side: number
}

type LandmarkedBox = Box & { landmarks: number[] }

/**
 * MTCNN: a network looks at every place of a photo at many sizes, a second one at what the first found, a third one at
 * what the second confirmed; that one gives landmarks too. The boxes of one photo go through a network together, those
 * of different photos never: what is found in a photo does not depend on the others.
 *
 * Thresholds (0.6, 0.7, 0.7), overlaps and the pyramid's step are the paper's.
 * @see K. Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016
 */
export class Mtcnn {
  readonly #networks: [Network, Network, Network]
  readonly #minFace: number

  private constructor(networks: [Network, Network, Network], minFace: number) {
    this.#networks = networks
    this.#minFace = minFace
  }

  /**
   * @param folder holds `pnet.onnx`, `rnet.onnx` and `onet.onnx`
   * @param minFace side of the smallest face to look for, pixels; 12 at least
   * @throws InputError where one is missing or takes other input
   */
  static async open(folder: string, minFace: number): Promise<Mtcnn> {
    const [first, second, third] = NETWORK_FILES.map((name) => join(folder, name)) as [string, string, string]
    return new Mtcnn(
      [await Network.open(first), await Network.open(second), await Network.open(third)],
      minFace,
    )
  }

  /** The faces of a photo, by falling score. */
  async detect(photo: RgbImage): Promise<DetectedFace[]> {
    const proposed = await propose(this.#networks[0], photo, this.#minFace)
    const confirmed = await this.#confirm(photo, proposed)
    const found = await this.#landmark(photo, confirmed)
    return found.map((box) => ({ ...roundedFace(box), side: longerSide(box) }))
  }

  async close(): Promise<void> {
    for (const network of this.#networks) await network.close()
  }

  async #confirm(photo: RgbImage, boxes: Box[]): Promise<Box[]> {
    if (boxes.length === 0) return []
    const views = viewsOf(photo, boxes, REFINED_VIEW)
    const { 2: faces, 4: edges } = await this.#networks[1].run(views, 2, 4)
    const passed = views.squares.flatMap((square, i) => {
      const score = faces.data[2 * i + 1]!
      return score > REFINED_THRESHOLD ? [{ ...square, score, index: i }] : []
    })
    return suppress(passed, OVERLAP, 'union').map((box) => refined(box, edges.data, 4 * box.index))
  }

  async #landmark(photo: RgbImage, boxes: Box[]): Promise<LandmarkedBox[]> {
    if (boxes.length === 0) return []
    const views = viewsOf(photo, boxes, LAST_VIEW)
    const { 2: faces, 4: edges, 10: points } = await this.#networks[2].run(views, 2, 4, 10)
    const found = views.squares.flatMap((square, i) => {
      const score = faces.data[2 * i + 1]!
      if (score <= LAST_THRESHOLD) return []
      const landmarks = landmarksOf(square, points.data.subarray(2 * LANDMARKS * i))
      return [{ ...refined({ ...square, score }, edges.data, 4 * i), landmarks }]
    })
    return suppress(found, OVERLAP, 'smaller')
  }
}

/** What the boxes hold, and the squares that are looked at. */
function viewsOf(photo: RgbImage, boxes: Box[], size: number) {
  const squares = boxes.map(squareAround)
  return {
    data: cutSquares(photo, squares, size),
    count: boxes.length,
    width: size,
    height: size,
    squares: squares.map(({ left, top, side }) => ({ left, top, right: left + side, bottom: top + side })),
  }
}

/** From shares of the square, all x before all y. */
function landmarksOf({ left, top, right, bottom }: Omit<Box, 'score'>, points: Float32Array): number[] {
  return Array.from({ length: LANDMARKS }, (_, i) => [
    left + points[i]! * (right - left),
    top + points[LANDMARKS + i]! * (bottom - top),
  ]).flat()
}
