import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { runStage } from '../../src/cluster/local.js'
import { DatasetWriter, publishDataset, type Source } from '../../src/dataset/index.js'
import { encodeJpeg } from '../../src/image/index.js'
import { type ReportResult, report } from '../../src/stages/report/report.js'
import { localRun } from '../cluster/local-run.js'
import { tinyImage } from '../training/tiny-dataset.js'

/** Runs the stage and reads its page. */
export async function makeReport(given: Record<string, unknown>) {
  const options = report.options.parse(given)
  const result: ReportResult = await runStage(report, options, localRun({ replace: true }))
  const text = readFileSync(result.report, 'utf8')
  return { result, text, document: parseHTML(text).document }
}

/** Headings of a page, from the top down: `2 umd dataset`. */
export function outlineOf(document: ReturnType<typeof parseHTML>['document']): string[] {
  return [...document.querySelectorAll('h1, h2, h3')].map(
    (heading) => `${heading.tagName[1]} ${heading.textContent?.trim()}`,
  )
}

/** A dataset of small pictures with names, sources and reasons of the caller's. */
export async function publishPictured(
  datasets: string,
  name: string,
  people: Record<string, number>,
  {
    sources = [{ kind: 'folder', name: 'photos' }],
    skipped = [],
  }: { sources?: Source[]; skipped?: string[] } = {},
): Promise<string> {
  const writer = await DatasetWriter.create(join(datasets, '.scratch', 'pictured'), {
    name,
    dialect: 'insightface',
    height: 32,
    width: 32,
    sources,
    stage: 'pack',
    options: {},
  })
  let identity = 0
  for (const [person, images] of Object.entries(people)) {
    const source = identity % sources.length
    const label = writer.addIdentity({ name: person, source, sourceName: person, sourceLabel: -1 })
    for (let image = 0; image < images; image++) {
      const bytes = encodeJpeg(tinyImage({ identities: 0, imagesEach: 0, size: 32 }, identity, image), 90)
      writer.addImage({
        label,
        bytes,
        source,
        path: `${person}/${image}.jpg`,
        width: 32,
        height: 32,
        format: 'jpeg',
      })
    }
    identity++
  }
  for (const reason of skipped) writer.skip({ source: sources[0]!.name, path: 'x.jpg', reason })
  const output = join(datasets, name)
  await publishDataset(await writer.finish(), output, { strict: false, replace: true })
  return output
}
