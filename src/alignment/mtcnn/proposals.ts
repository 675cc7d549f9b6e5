import type { RgbImage } from '../../image/index.js'
import { type Box, refined, suppress } from './box.js'
import type { Network } from './network.js'
import { CELL, pyramid } from './pyramid.js'

/** Pixels of a level from one cell to the next. */
const STRIDE = 2

const THRESHOLD = 0.6
const OVERLAP_IN_LEVEL = 0.5
const OVERLAP = 0.7

/** A cell that may hold a face, and where its edges are to go. */
interface Proposal extends Box {
  offsets: [number, number, number, number]
}

/** The first stage: every cell of every level through a small network. */
export async function propose(network: Network, photo: RgbImage, minFace: number): Promise<Box[]> {
  const proposals: Proposal[] = []
  for (const level of pyramid(photo, minFace)) {
    const found = await proposalsOf(network, level, photo.width / level.width, photo.height / level.height)
    proposals.push(...suppress(found, OVERLAP_IN_LEVEL, 'union'))
  }
  return suppress(proposals, OVERLAP, 'union').map((proposal) => refined(proposal, proposal.offsets, 0))
}

/** @param across, down pixels of the photo in one of the level */
async function proposalsOf(
  network: Network,
  level: RgbImage,
  across: number,
  down: number,
): Promise<Proposal[]> {
  const { 2: faces, 4: edges } = await network.run({ ...level, count: 1 }, 2, 4)
  const rows = Math.floor((level.height - CELL) / STRIDE) + 1
  const found: Proposal[] = []
  for (let cell = 0; 2 * cell < faces.length; cell++) {
    const score = faces[2 * cell + 1]!
    if (score < THRESHOLD) continue
    const [left, top] = [STRIDE * Math.floor(cell / rows), STRIDE * (cell % rows)]
    found.push({
      left: left * across,
      top: top * down,
      right: (left + CELL) * across,
      bottom: (top + CELL) * down,
      score,
      offsets: [edges[4 * cell]!, edges[4 * cell + 1]!, edges[4 * cell + 2]!, edges[4 * cell + 3]!],
    })
  }
  return found
}
