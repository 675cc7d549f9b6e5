import { basename, join } from 'node:path'
import { LANDMARK_HEADER, landmarkLine } from '../../alignment/index.js'
import { HashedText } from '../../dataset/index.js'
import { InputError, StrictError } from '../../errors/index.js'
import { syncDirectory } from '../../io/index.js'
import { publishFolder } from '../published-folder.js'
import type { Plan, StageContext } from '../stage.js'
import { readPart } from './part.js'
import type { AlignShard, PlanFindings } from './shard.js'
import { ALIGNED } from './work.js'

/** Beside the folders of aligned images. */
export const LANDMARK_FILE = 'landmarks.tsv'
export const SKIPPED_FILE = 'skipped.jsonl'

export interface AlignResult extends PlanFindings {
  /** Absolute path of the folder. */
  output: string
  photos: number
  aligned: number
  /** Photos with more than one face, of which the most central one was taken. */
  severalFaces: number
  /** Listed in `skipped.jsonl`. */
  skipped: number
}

/** Reasons shown in an error. */
const REASONS_SHOWN = 3

/** Joins the lists of the shards, in the order of the photos, and publishes the folder. @throws StrictError, InputError */
export async function publishAligned(
  { output, shards }: Plan<AlignShard>,
  { scratch, strict, log, approve }: StageContext,
): Promise<AlignResult> {
  const { folder, findings } = shards[0]!
  const root = join(scratch, ALIGNED)
  const counts = { photos: 0, aligned: 0, severalFaces: 0, skipped: 0 }
  const reasons: string[] = []
  const landmarks = await HashedText.create(join(root, LANDMARK_FILE))
  const skipped = await HashedText.create(join(root, SKIPPED_FILE))
  landmarks.append(`${LANDMARK_HEADER}\n`)
  for (const { number } of shards) {
    for (const photo of await readPart(scratch, number)) {
      counts.photos++
      if ('reason' in photo) {
        counts.skipped++
        if (reasons.length < REASONS_SHOWN) reasons.push(`${photo.path}: ${photo.reason}`)
        skipped.append(
          `${JSON.stringify({ source: basename(folder), path: photo.path, reason: photo.reason })}\n`,
        )
      } else {
        counts.aligned++
        if (photo.faces > 1) counts.severalFaces++
        landmarks.append(landmarkLine(photo.path, photo.face))
      }
    }
    await landmarks.ready()
    await skipped.ready()
  }
  await landmarks.finish()
  await skipped.finish()
  await syncDirectory(root)
  const some = `${reasons.join('; ')}. All of them: ${join(root, SKIPPED_FILE)}`
  if (strict && counts.skipped > 0) {
    throw new StrictError(
      `${counts.skipped} photos skipped, and --strict was given: nothing is published. ${some}`,
    )
  }
  if (counts.aligned === 0) {
    throw new InputError({
      file: folder,
      problem: 'no face was aligned',
      actual: `${counts.photos} photos. ${some}`,
    })
  }
  if (findings!.unusedLandmarks > 0) {
    log.warn(
      `${findings!.unusedLandmarks} faces of the landmarks file are in photos that the folder does not hold`,
    )
  }
  approve?.({ images: counts.aligned })
  await publishFolder(root, output.path, 'align')
  return { output: output.path, ...counts, ...findings! }
}
