import type { Cut } from '../stage.js'

/** How photos are aligned. */
export interface Alignment {
  /** Absolute. */
  folder: string
  size: number
  quality: number
  /** Missing where the faces are given. */
  detector?: { folder: string; minFace: number }
}

/** Photos of one folder. */
export interface PhotoFolder {
  /** Below the input, with `/`; empty for the input itself. */
  relativePath: string
  names: string[]
  /** Names of the aligned images. */
  aligned: string[]
  /** Of each photo: score and landmarks of each face in the file of landmarks, one after the other. */
  faces?: number[][]
}

/** A contiguous range of the photos. */
export interface AlignShard extends Alignment {
  number: number
  folders: PhotoFolder[]
  /** On the first shard. */
  findings?: PlanFindings
}

/** What the plan found out for the end. */
export interface PlanFindings {
  /** Files that are not images, counted by extension. */
  ignored: Record<string, number>
  /** Lines of the file of landmarks whose photo is not in the folder. */
  unusedLandmarks: number
}

/** Below this many photos a thread costs more than it saves. */
const MINIMUM_PHOTOS = 4

/** Cuts the photos into at most `wished` ranges of nearly the same number. */
export function cutPhotos(
  folders: PhotoFolder[],
  wished: number,
  cut: Cut = 'where-it-pays',
): PhotoFolder[][] {
  const total = folders.reduce((sum, { names }) => sum + names.length, 0)
  const most = cut === 'as-asked' ? total : Math.floor(total / MINIMUM_PHOTOS)
  const shards = Math.max(1, Math.min(wished, most))
  const ranges: PhotoFolder[][] = Array.from({ length: shards }, () => [])
  let done = 0
  let shard = 0
  for (const { relativePath, names, aligned, faces } of folders) {
    for (let from = 0; from < names.length; ) {
      const end = Math.floor((total * (shard + 1)) / shards)
      const to = Math.min(names.length, from + end - done)
      ranges[shard]!.push({
        relativePath,
        names: names.slice(from, to),
        aligned: aligned.slice(from, to),
        ...(faces && { faces: faces.slice(from, to) }),
      })
      done += to - from
      from = to
      if (done === end) shard++
    }
  }
  return ranges
}
