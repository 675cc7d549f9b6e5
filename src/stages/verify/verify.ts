import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { findDatasetFiles, HashedText, locateDataset, resolveDataset } from '../../dataset/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { describeVerification } from '../../inspections/verify/describe.js'
import { type DigestRange, digestRange, recordOffsets } from '../../inspections/verify/digest-images.js'
import { FaultJson } from '../../inspections/verify/fault-json.js'
import { KnownImages } from '../../inspections/verify/image-digests.js'
import type { DatasetVerification } from '../../inspections/verify/verification.js'
import { verify } from '../../inspections/verify/verify.js'
import { inputErrorFrom, makeDirectory, renamePath, syncDirectory } from '../../io/index.js'
import { datasetsOption, option } from '../common-options.js'
import { nameOfDataset } from '../dataset-name.js'
import { cutImages } from '../image-shares.js'
import { defineStage } from '../stage.js'
import { joinDigests, writeDigests } from './digest-part.js'

const verifyOptions = z.object({
  dataset: option(z.string().min(1), {
    description: 'name, folder or .rec file',
    argument: 'DATASET',
    positional: true,
  }),
  decode: option(z.boolean().default(false), { description: 'decode every image too' }),
  output: option(z.string().min(1).optional(), {
    description:
      'report to write: faults and result, as facedata verify --json prints them (default: NAME.verify.json)',
    argument: 'FILE.json',
    short: 'o',
  }),
  datasets: datasetsOption,
})

export type VerifyStageOptions = z.output<typeof verifyOptions>

/** A range of the records, by their offsets in the index. */
export interface VerifyShard extends DigestRange {
  number: number
  /** Absolute, of the folder, link or `.rec` file. */
  dataset: string
  /** Size and time of the `.rec` file and its index: what other shards found holds for these alone. */
  stamp: string
}

export interface VerifyResult extends DatasetVerification {
  /** Absolute path of the report. */
  output: string
}

/** In the scratch folder. */
const REPORT = 'report.json'

/**
 * `facedata verify` in shards, which look at the bytes of images: hash, header and, with `--decode`, all of them. What the
 * whole file alone tells, `finish` checks in one pass over it.
 */
export const verifyStage = defineStage<VerifyStageOptions, VerifyShard, VerifyResult>({
  name: 'verify',
  summary: 'check every record of a dataset and all that other files say of it; a report is written',
  options: verifyOptions,

  async inputs({ dataset, datasets }) {
    return [{ path: await locateDataset(dataset, datasets), kind: 'dataset' }]
  },

  output: (options) => ({ path: reportPath(options), kind: 'file' }),

  inShards: true,
  async plan(options, wished) {
    const dataset = await resolveDataset(options.dataset, options.datasets)
    const { records, index } = await findDatasetFiles(dataset)
    if (index === undefined) {
      throw new UsageError(
        `${records} has no index by which it could be cut. Make one: facedata reindex ${options.dataset}`,
      )
    }
    const count = (await recordOffsets(index)).length
    const output = reportPath(options)
    const { decode } = options
    const stamp = await stampOf([records, index])
    return {
      stage: 'verify',
      fingerprint: hashToHex(xxh64(Buffer.from(JSON.stringify({ records, count, stamp, decode, output })))),
      options,
      output: { path: output, kind: 'file' },
      amount: { phase: decode ? 'decoding' : 'hashing', total: count, unit: 'records' },
      shards: cutImages([count], wished).map(([share], number) => {
        const { first, end } = share ?? { first: 0, end: 0 }
        return { number, dataset, records, index, stamp, decode, first, end }
      }),
    }
  },

  async work(shard, { scratch, jobs, signal, progress }) {
    await checkUnchanged(shard)
    const onRecords = (count: number) => progress.advance(count)
    const digests = await digestRange(shard, { jobs, signal, onRecords })
    const file = await writeDigests(scratch, shard.number, digests)
    return { files: [file], done: shard.end - shard.first, skipped: 0 }
  },

  async finish({ shards, output }, _results, { scratch, jobs, progress, signal }) {
    const [shard] = shards as [VerifyShard]
    const { dataset, decode } = shard
    await checkUnchanged(shard)
    const numbers = shards.map(({ number }) => number)
    const known = new KnownImages(await joinDigests(scratch, numbers, decode))
    const report = await HashedText.create(join(scratch, REPORT))
    let found: DatasetVerification
    try {
      const json = new FaultJson((text) => report.append(text))
      const onFault = json.fault.bind(json)
      found = await verify(dataset, { decode, jobs, onFault, progress, signal, known })
      json.finish(found)
      await report.finish()
    } catch (error) {
      await report.close().catch(() => {})
      throw error
    }
    await makeDirectory(dirname(output.path))
    await renamePath(join(scratch, REPORT), output.path)
    await syncDirectory(dirname(output.path))
    return { ...found, output: output.path }
  },

  describe: describeVerification,

  verdict({ faultCount, name, output }) {
    if (faultCount === 0) return undefined
    const noun = faultCount === 1 ? 'fault' : 'faults'
    return `${faultCount.toLocaleString('en-US')} ${noun} in ${name}, each in ${output}`
  },
})

async function stampOf(paths: string[]): Promise<string> {
  const stamps = paths.map(async (path) => {
    const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
      throw inputErrorFrom(error, path)
    })
    return `${size} ${Math.floor(mtimeMs)}`
  })
  return (await Promise.all(stamps)).join(', ')
}

/** @throws InputError where the dataset was written to: what is known of its images may be of the bytes before */
async function checkUnchanged({ records, index, stamp }: VerifyShard): Promise<void> {
  if ((await stampOf([records, index])) === stamp) return
  throw new InputError({
    file: records,
    problem: 'it or its index was written to after this verification was planned',
    fix: 'Plan it again.',
  })
}

function reportPath({ dataset, output }: VerifyStageOptions): string {
  return resolve(output ?? `${nameOfDataset(dataset)}.verify.json`)
}
