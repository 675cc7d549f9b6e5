import type { Log } from '../../progress/progress.js'
import type { ImageColumns } from './image-columns.js'

/** Tells of what was found in a dataset that need not be a fault. */
export function warnOfOddities(
  name: string,
  images: ImageColumns,
  left: { unindexed: number; unpacked: number; hasList: boolean },
  log: Log,
): void {
  const { withoutPath, unknown, otherSizes, size } = images
  const warn = (count: number, what: string) => {
    if (count > 0) log.warn(`${name}: ${what}`)
  }
  warn(left.unindexed, `${left.unindexed} records that its index does not name are left out`)
  warn(
    left.unpacked,
    `its list names ${left.unpacked} files that have no record: the tool that packed it left them out`,
  )
  if (left.hasList) {
    warn(
      withoutPath,
      `no list names ${withoutPath} of its images in their order: their source path stays empty`,
    )
  }
  warn(unknown, `${unknown} images are of no known format`)
  warn(
    otherSizes,
    `${otherSizes} images are of another size than the first, ${size?.width}x${size?.height}: training needs one size`,
  )
}
