import { shortPath } from '../../io/index.js'
import type { Reindexing } from './reindex.js'

const KEYS = {
  manifest: 'keys of the manifest',
  ids: 'keys are the ids in headers',
  order: 'keys are numbers in file order: the ids in headers are not distinct',
} as const

/** The lines of a reindexing for the console. */
export function describeReindexing(found: Reindexing): string[] {
  const { name, records, images, lost, lostBytes, losses, written } = found
  const what = `${number(images)} images in ${number(records)} records`
  const lines = [
    `${written ? `indexed ${name}` : `the index of ${name} is right`}: ${what} (${number(lost)} ${lost === 1 ? 'place' : 'places'} lost)`,
  ]
  if (written) lines.push(`  ${KEYS[found.keysBy]}`)
  for (const { offset, bytes, reason } of losses) {
    lines.push(`  lost ${number(bytes)} bytes at offset ${offset}: ${reason}`)
  }
  if (lost > losses.length) lines.push(`  and ${number(lost - losses.length)} more`)
  if (found.lostList !== undefined) {
    const missing = found.lostImages === 0 ? '' : `, ${number(found.lostImages)} images`
    lines.push(`  ${number(lostBytes)} bytes in all${missing}, listed in ${shortPath(found.lostList)}`)
  }
  if (found.rangesLeftOut > 0) {
    lines.push(
      `  left out ${number(found.rangesLeftOut)} header and identity records: they are not true of the images that are left`,
    )
  }
  if (found.former !== undefined) lines.push(`  the index that was there is ${shortPath(found.former)}`)
  if (found.formerDescription !== undefined) {
    lines.push(
      `  dataset.json is not true of it any more, and is ${shortPath(found.formerDescription)}: facedata adopt describes what is left`,
    )
  }
  return lines
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
