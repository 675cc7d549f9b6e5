import { dirname, extname, join, posix } from 'node:path'
import pLimit from 'p-limit'
import { InputError } from '../../errors/index.js'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { probe } from '../../image/index.js'
import {
  makeDirectory,
  OutputFile,
  readWholeFile,
  removeTree,
  syncDirectory,
  writeFileAtomically,
} from '../../io/index.js'
import { readBin, sidecarPath, type VerificationBin } from '../../verification/index.js'
import { publishFolder } from '../published-folder.js'
import type { ShardResult, StageContext } from '../stage.js'
import type { ExtractShard } from './shard.js'

/** The images of a bin as they were written to a folder. */
export interface ExtractedBin {
  kind: 'extracted'
  folder: string
  /** The list that `bins --pairs` reads. */
  pairList: string
  pairs: number
  /** Files; an image that is in several pairs is written once. */
  images: number
}

const FOLDER = 'extracted'
const PAIR_LIST = 'pairs.txt'

/** Each write waits for the disk: a disk makes many small files durable in little more time than one. */
const WRITES_AT_ONCE = 32

/**
 * Writes the images of a bin below the scratch folder, under the names of the sidecar or else by their positions, and
 * the pair list with the folds of the sidecar.
 */
export async function workOnExtract(shard: ExtractShard, context: StageContext): Promise<ShardResult> {
  const { scratch, progress, signal } = context
  const bin = await readBin(shard.bin)
  const folder = join(scratch, FOLDER)
  await removeTree(folder)
  progress.start('extracting', bin.images.length, 'images')
  const images = new Map<string, Uint8Array>()
  const names = bin.images.map((bytes, index) => {
    const name = imageName(bin, index)
    const earlier = images.get(name)
    if (earlier !== undefined && Buffer.compare(earlier, bytes) !== 0) {
      throw new InputError({
        file: sidecarPath(bin.path),
        problem: `two different images have the name ${name}`,
        fix: 'Remove the sidecar to extract under numbers',
      })
    }
    images.set(name, bytes)
    return name
  })
  const writing = pLimit(WRITES_AT_ONCE)
  await Promise.all(
    Array.from(images, ([name, bytes]) =>
      writing(async () => {
        signal.throwIfAborted()
        await writeImage(join(folder, name), bytes)
        progress.advance(1)
      }),
    ),
  )
  for (const path of foldersOf(images.keys())) await syncDirectory(join(folder, path))
  progress.advance(bin.images.length - images.size)
  const list = Buffer.from(pairList(bin, names))
  await writeFileAtomically(join(folder, PAIR_LIST), list, scratch)
  const files = [...images, [PAIR_LIST, list] as const]
  return {
    files: files.map(([name, bytes]) => ({
      path: posix.join(FOLDER, name),
      bytes: bytes.length,
      xxh64: hashToHex(xxh64(bytes)),
    })),
    done: bin.images.length,
    skipped: 0,
  }
}

/** Moves the extracted folder to its place. @throws OutputError */
export async function publishExtracted(
  { output }: ExtractShard,
  { scratch, approve }: StageContext,
): Promise<ExtractedBin> {
  const list = (await readWholeFile(join(scratch, FOLDER, PAIR_LIST))).toString('utf8')
  const rows = list.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]))
  const images = new Set(rows.flatMap((fields) => fields.slice(0, 2))).size
  approve?.({ pairs: rows.length, images })
  await publishFolder(join(scratch, FOLDER), output, 'bins')
  return {
    kind: 'extracted',
    folder: output,
    pairList: join(output, PAIR_LIST),
    pairs: rows.length,
    images,
  }
}

/** The name of the sidecar with the extension of what is stored: a PNG of a list may be a JPEG in the bin. */
function imageName(bin: VerificationBin, index: number): string {
  const format = probe(bin.images[index]!)?.format
  const extension = format === undefined ? '.bin' : format === 'jpeg' ? '.jpg' : `.${format}`
  const listed = bin.sidecar?.pairs[index >> 1]?.images[index % 2]
  if (listed === undefined) return `images/${String(index).padStart(6, '0')}${extension}`
  const name = posix.normalize(listed)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a tab or a newline would break the list.
  if (posix.isAbsolute(name) || name.startsWith('..') || /[\x00-\x1f\\]/.test(name)) {
    throw new InputError({
      file: sidecarPath(bin.path),
      problem: `the image name ${JSON.stringify(listed)} is no path below a folder`,
      fix: 'Remove the sidecar to extract under numbers',
    })
  }
  const known = extname(name).toLowerCase().replace('.jpeg', '.jpg')
  return known === extension ? name : `${name}${extension}`
}

async function writeImage(path: string, bytes: Uint8Array): Promise<void> {
  await makeDirectory(dirname(path))
  const file = await OutputFile.create(path)
  try {
    await file.write(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Folders that hold one of the files. */
function foldersOf(names: Iterable<string>): Set<string> {
  return new Set(Array.from(names, (name) => posix.dirname(name)))
}

function pairList({ same, sidecar }: VerificationBin, names: string[]): string {
  return Array.from(same, (label, pair) => {
    const fold = sidecar?.pairs[pair]?.fold ?? undefined
    return `${[names[2 * pair], names[2 * pair + 1], label, ...(fold === undefined ? [] : [fold])].join('\t')}\n`
  }).join('')
}
