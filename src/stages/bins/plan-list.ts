import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { InputError } from '../../errors/index.js'
import { createXxh64, hashToHex } from '../../hash/xxh64.js'
import { inputErrorFrom, readWholeFile } from '../../io/index.js'
import { describeReference, ImageFolder, type ListedPair, parsePairList } from '../../verification/index.js'
import type { Conversion } from '../pack/convert.js'
import type { Cut, Plan } from '../stage.js'
import type { BinsOptions } from './options.js'
import { type BinsShard, cutPairs, type PlannedPair } from './shard.js'

/**
 * Reads the pair list and finds its images. What was found is frozen by size and time.
 * @throws InputError where the list cannot be read, or the folder is none
 */
export async function planFromList(
  options: BinsOptions,
  mode: { pairs: string; images: string },
  wished: number,
  cut?: Cut,
): Promise<Plan<BinsShard>> {
  const output = resolve(options.output)
  const folder = await imagesFolder(mode.images)
  const text = await readWholeFile(mode.pairs)
  const conversion = conversionOf(options)
  const pairs = await locatePairs(parsePairList(text.toString('utf8'), mode.pairs), folder)
  const hash = createXxh64()
  hash.update(text)
  hash.update(Buffer.from(JSON.stringify({ output, folder, conversion, pairs })))
  hash.update(Buffer.from(await stampFiles(folder, pairs)))
  return {
    stage: 'bins',
    fingerprint: hashToHex(hash.digest()),
    options,
    output: { path: output, kind: 'file' },
    amount: { phase: 'bins', total: pairs.length, unit: 'pairs' },
    shards: cutPairs(pairs.length, wished, cut).map(([start, end], number) => ({
      kind: 'list',
      number,
      output,
      source: { pairs: basename(mode.pairs), images: basename(folder) },
      folder,
      conversion,
      pairs: pairs.slice(start, end),
    })),
  }
}

function conversionOf(options: BinsOptions): Conversion | undefined {
  if (options['pass-through']) return undefined
  const { size = 112, fit = 'cover', quality = 95 } = options
  return { size, fit, quality }
}

async function imagesFolder(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) throw new InputError({ file: path, problem: 'is not a folder' })
  } catch (error) {
    throw inputErrorFrom(error, path)
  }
  return resolve(path)
}

async function locatePairs(listed: ListedPair[], folder: string): Promise<PlannedPair[]> {
  const images = new ImageFolder(folder)
  const pairs: PlannedPair[] = []
  for (const { images: references, same, fold, line } of listed) {
    const [first, second] = [await images.find(references[0]), await images.find(references[1])]
    const reasons = [first, second].flatMap((found) => ('missing' in found ? [found.missing] : []))
    const renamed = [first, second].filter((found) => 'path' in found && found.otherExtension).length
    pairs.push({
      same,
      images: [
        'path' in first ? first.path : describeReference(references[0]),
        'path' in second ? second.path : describeReference(references[1]),
      ],
      ...(fold === undefined ? {} : { fold }),
      line,
      ...(reasons.length === 0 ? {} : { missing: [...new Set(reasons)].join('; ') }),
      ...(renamed === 0 ? {} : { otherExtensions: renamed }),
    })
  }
  return pairs
}

async function stampFiles(folder: string, pairs: PlannedPair[]): Promise<string> {
  const names = new Set(pairs.flatMap(({ images, missing }) => (missing === undefined ? images : [])))
  const stamps: string[] = []
  for (const name of names) {
    const { size, mtimeMs } = await stat(join(folder, name))
    stamps.push(`${name} ${size} ${mtimeMs}`)
  }
  return stamps.join('\n')
}
