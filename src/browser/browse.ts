import { basename, dirname, join, resolve } from 'node:path'
import { datasetsFolder, resolveDataset } from '../dataset/index.js'
import { UsageError } from '../errors/index.js'
import { type Log, silentLog } from '../progress/progress.js'
import { BrowsedDataset, type BrowseSettings } from './people/browsed-dataset.js'
import { openReview } from './review/open-review.js'
import type { Review } from './review/review.js'
import { readAssets } from './server/assets.js'
import { WebServer } from './server/web-server.js'

export interface BrowseOptions {
  /** Folder in which dataset names are looked up. */
  datasets?: string
  /** Files of `merge --dry-run` and `clean --dry-run`. */
  reviews?: string[]
  /** File or folder of embeddings; the cache in the datasets folder where it is not given. */
  embeddings?: string
  /** 0, the default, for any that is free. */
  port?: number
  log?: Log
  signal?: AbortSignal
}

/** Datasets that are served to a browser on this machine. */
export interface Browsing {
  /** Address with the token of this start. */
  url: string
  /** Files that answers are written to. */
  answers: string[]
  /** Ends the server, once what is being written is on the disk. */
  close(): Promise<void>
}

/**
 * Serves datasets and reviews of them to a browser on this machine. Nothing is written but the answers to reviews.
 * @throws InputError, UsageError; the reason of the signal
 */
export async function browse(names: string[], options: BrowseOptions = {}): Promise<Browsing> {
  const { reviews = [], port = 0, log = silentLog, signal } = options
  const settings: BrowseSettings = {
    embeddings: resolve(options.embeddings ?? join(datasetsFolder(options.datasets), '.embeddings')),
    log,
    signal,
  }
  const datasets: BrowsedDataset[] = []
  const open = async (name: string) =>
    datasets.push(await BrowsedDataset.open(await resolveDataset(name, options.datasets), settings)) - 1
  const find = async (name: string) => {
    const forms = [
      ({ dataset }: BrowsedDataset) => dataset.name,
      ({ dataset }: BrowsedDataset) => dataset.files.name,
      ({ dataset }: BrowsedDataset) => dataset.directory,
    ]
    const found = forms.map((form) => datasets.findIndex((one) => form(one) === name)).find((at) => at >= 0)
    return found ?? open(name)
  }
  try {
    for (const name of names) await open(name)
    const opened: Review[] = []
    for (const path of reviews) opened.push(await openReview(path, datasets, find))
    refuseSharedAnswers(opened)
    const named = opened.map((review) => ({ name: nameOfReview(review), review }))
    const server = await WebServer.start({ datasets, reviews: named, assets: await readAssets() }, port, log)
    return {
      url: server.url,
      answers: opened.map(({ answers }) => answers.path),
      async close() {
        await server.close()
        for (const { answers } of opened) await answers.settled()
        for (const dataset of datasets) await dataset.close()
      },
    }
  } catch (error) {
    for (const dataset of datasets) await dataset.close()
    throw error
  }
}

/** Two reviews that write one file would undo each other's answers. */
function refuseSharedAnswers(reviews: Review[]): void {
  const paths = reviews.map(({ answers }) => answers.path)
  const shared = paths.find((path, i) => paths.indexOf(path) !== i)
  if (shared !== undefined) throw new UsageError(`--review: two of the files have their answers in ${shared}`)
}

function nameOfReview({ table: { kind, path } }: Review): string {
  const file = basename(path)
  return kind === 'clean' && file === 'report.csv'
    ? basename(dirname(path))
    : file.replace(/(\.matches)?\.csv$/, '')
}
