import type { RgbImage } from '../../image/index.js'
import { type Box, refined, suppress } from './box.js'
import { CELL, STRIDE } from './cell.js'
import type { Network } from './network.js'
import { pyramid } from './pyramid.js'
import { type Tile, tilesOf } from './tiles.js'

const THRESHOLD = 0.6
const OVERLAP_IN_LEVEL = 0.5
const OVERLAP = 0.7

/** A cell that may hold a face, and where its edges are to go. */
interface Proposal extends Box {
  offsets: Float32Array
}

/** The first network, or what stands for it. */
type Looking = Pick<Network, 'run'>

/** The first stage: every cell of every level through a small network. */
export async function propose(network: Looking, photo: RgbImage, minFace: number): Promise<Box[]> {
  const proposals: Proposal[] = []
  for (const level of pyramid(photo, minFace)) {
    const found: Proposal[] = []
    for (const tile of tilesOf(level)) {
      found.push(
        ...(await proposalsOf(network, tile, photo.width / level.width, photo.height / level.height)),
      )
    }
    proposals.push(...suppress(found, OVERLAP_IN_LEVEL, 'union'))
  }
  return suppress(proposals, OVERLAP, 'union').map((proposal) => refined(proposal, proposal.offsets, 0))
}

/** @param across, down pixels of the photo in one of the level */
async function proposalsOf(network: Looking, tile: Tile, across: number, down: number): Promise<Proposal[]> {
  const { 2: faces, 4: edges } = await network.run({ ...tile.image, count: 1 }, 2, 4)
  const rows = faces.shape[2]!
  const found: Proposal[] = []
  for (let cell = 0; 2 * cell < faces.data.length; cell++) {
    const score = faces.data[2 * cell + 1]!
    if (score < THRESHOLD) continue
    const left = tile.left + STRIDE * Math.floor(cell / rows)
    const top = tile.top + STRIDE * (cell % rows)
    found.push({
      left: left * across,
      top: top * down,
      right: (left + CELL) * across,
      bottom: (top + CELL) * down,
      score,
      offsets: edges.data.subarray(4 * cell, 4 * cell + 4),
    })
  }
  return found
}
