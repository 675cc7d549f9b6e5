import {
  type ExaminedImages,
  type Finding,
  type Findings,
  type RuleName,
  ruleOf,
} from '../../curation/index.js'
import { type Dataset, imagePaths } from '../../dataset/index.js'
import { hashToHex } from '../../hash/xxh64.js'
import { describeFinding, type ReportedImage, type ReportRow, shortNumber } from './report-row.js'

/** The rows of a report, in the order of their ranks. @throws InputError */
export async function reportRows(
  dataset: Dataset,
  images: ExaminedImages,
  findings: Findings,
  thresholds: ReadonlyMap<RuleName, number>,
): Promise<ReportRow[]> {
  const ranked = findings.ranked(({ rule, value }) => {
    const threshold = thresholds.get(rule)
    return threshold === undefined ? 0 : Math.abs(value - threshold)
  })
  const groups = groupByImage(findings, ranked)
  const imageOf = await imageNames(dataset, images.labels, groups.flat())
  const text = (finding: Finding): string => {
    const like = finding.like === undefined ? undefined : imageOf(finding.like)
    const undecodable = finding.rule === 'undecodable' ? images.undecodable.get(finding.position) : undefined
    const measured = describeFinding(finding, thresholds.get(finding.rule), like)
    return undecodable === undefined ? measured : `${measured}: ${undecodable}`
  }
  return groups.map(([first, ...others], index) => {
    const { rule, position, value, like } = first!
    return {
      rank: index + 1,
      action: 'drop',
      rule,
      value: shortNumber(value),
      rules: [first!, ...others].map((finding) => finding.rule),
      ...(ruleOf(rule).threshold && { threshold: thresholds.get(rule)! }),
      ...imageOf(position),
      ...(like !== undefined && { like: imageOf(like) }),
      also: others.map(text).join('; '),
      xxh64: hashToHex(images.hashes[position]!),
      reason: [first!, ...others].map(text).join('; '),
    }
  })
}

/** Findings of one image stand together in the ranked order. */
function groupByImage(findings: Findings, ranked: Uint32Array): Finding[][] {
  const groups: Finding[][] = []
  for (const index of ranked) {
    const finding = findings.at(index)
    const group = groups.at(-1)
    if (group?.[0]?.position === finding.position) group.push(finding)
    else groups.push([finding])
  }
  return groups
}

async function imageNames(
  dataset: Dataset,
  labels: Int32Array,
  findings: Finding[],
): Promise<(position: number) => ReportedImage> {
  const positions = new Set(
    findings.flatMap(({ position, like }) => (like === undefined ? [position] : [position, like])),
  )
  const { keys } = await dataset.table()
  const names = await dataset.identityNames()
  const paths = await imagePaths(dataset, positions)
  return (position) => ({
    key: keys[position]!,
    label: labels[position]!,
    name: names[labels[position]!] ?? '',
    path: paths.get(position) ?? '',
  })
}
