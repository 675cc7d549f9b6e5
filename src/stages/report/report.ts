import { readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { readWholeFile, writeFileAtomically } from '../../io/index.js'
import { findSubject, locateSubject, type Subject } from '../../reports/subject.js'
import type { ReportSummary } from '../../reports/summary.js'
import { defineStage, type Output, type ShardResult } from '../stage.js'
import { type ReportOptions, reportOptions } from './options.js'

/** The whole page. */
interface ReportShard {
  subjects: Subject[]
  datasets?: string
  photos: number
  seed: number
  faces: boolean
  /** Absolute. */
  cleanReports: string[]
}

export interface ReportResult extends ReportSummary {
  /** Absolute. */
  report: string
  bytes: number
  /** Of the page, in hex. */
  xxh64: string
}

const PAGE = 'report.html'
const SUMMARY = 'summary.json'

/** `facedata report`: what datasets and runs hold, on one page for people. */
export const report = defineStage<ReportOptions, ReportShard, ReportResult>({
  name: 'report',
  summary: 'show datasets and training runs on one page, with charts and photos',
  options: reportOptions,

  async inputs({ inputs, datasets, 'clean-report': cleanReports = [] }) {
    const subjects = await Promise.all(inputs.map((name) => locateSubject(name, datasets)))
    return [...subjects, ...cleanReports.map((path) => ({ path: resolve(path), kind: 'folder' as const }))]
  },

  output,

  async plan(options) {
    const { inputs, datasets, photos, seed } = options
    const subjects: Subject[] = []
    for (const name of inputs) {
      const subject = await findSubject(name, datasets)
      // Behind all links: a version that is published meanwhile changes nothing.
      subjects.push({ ...subject, path: await realpath(subject.path) })
    }
    const shard: ReportShard = {
      subjects,
      ...(datasets !== undefined && { datasets }),
      photos,
      seed,
      faces: !options['no-faces'],
      cleanReports: (options['clean-report'] ?? []).map((path) => resolve(path)),
    }
    const read = [...subjects.map(({ path }) => path), ...shard.cleanReports]
    const stamps = await Promise.all(read.map(stampOf))
    return {
      stage: 'report',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify({ shard, stamps })))),
      options,
      output: output(options),
      shards: [shard],
    }
  },

  async work(shard, { scratch, jobs, signal, progress }) {
    const { datasets } = shard
    // The charts' library is loaded where one is drawn, and not for `--help`.
    const { drawReport } = await import('../../reports/draw-report.js')
    const { page, summary } = await drawReport({ ...shard, datasets, jobs, signal, progress })
    const files = [
      await writeText(scratch, PAGE, page),
      await writeText(scratch, SUMMARY, JSON.stringify(summary)),
    ]
    return { files, done: shard.subjects.length, skipped: 0 }
  },

  async finish({ output: { path } }, _results, { scratch }) {
    const page = await readWholeFile(join(scratch, PAGE))
    const summary = JSON.parse(
      (await readWholeFile(join(scratch, SUMMARY))).toString('utf8'),
    ) as ReportSummary
    await writeFileAtomically(path, page)
    return { report: path, bytes: page.length, xxh64: hashToHex(xxh64(page)), ...summary }
  },

  describe({ datasets, runs, bytes }) {
    const words = [
      ...datasets.map(
        ({ name, images, identities }) =>
          `${name}: ${number(images)} images of ${number(identities)} identities`,
      ),
      ...runs.map(({ name, steps, state }) => `${name}: ${number(steps)} steps, ${state}`),
    ]
    const faults = [...datasets, ...runs].flatMap(({ name, faults: all }) =>
      all.map((fault) => `${name}: ${fault}`),
    )
    const subjects = datasets.length + runs.length
    return [`reported on ${subjects} (${number(Math.ceil(bytes / 1000))} kB, 0 skipped)`, ...words, ...faults]
  },
})

function output(options: Pick<ReportOptions, 'output'>): Output {
  return { path: resolve(options.output), kind: 'file' }
}

/** Names, sizes and times of the files in a folder, or of a file. */
async function stampOf(path: string): Promise<string[]> {
  const folder = (await stat(path)).isDirectory()
  const names = folder ? await readdir(path, { recursive: true }) : ['']
  const stamps = names.sort().map(async (name) => {
    const found = await stat(join(path, name)).catch(() => undefined)
    return found?.isFile() ? `${name} ${found.size} ${found.mtimeMs}` : name
  })
  return Promise.all(stamps)
}

async function writeText(scratch: string, path: string, text: string): Promise<ShardResult['files'][number]> {
  const bytes = Buffer.from(text)
  await writeFileAtomically(join(scratch, path), bytes)
  return { path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) }
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
