import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HashedFile } from '../../dataset/index.js'
import { joinEmbeddings } from '../../embeddings/index.js'
import { InputError, StrictError } from '../../errors/index.js'
import { makeDirectory, readWholeFile, removeTree, renamePath, syncDirectory } from '../../io/index.js'
import type { StageContext } from '../stage.js'
import type { EmbedResult, EmbedShard } from './embed.js'
import { type EmbedCounts, partFiles } from './work.js'

/** Joined files, in the scratch folder. */
const EMBEDDINGS = 'embeddings.arrow'
const SKIPPED = 'skipped.jsonl'

/**
 * Joins the shards, puts the embeddings under their name, and beside them the list of what was left out.
 * @throws StrictError, InputError where no image has an embedding, OutputError
 */
export async function publishEmbeddings(
  output: string,
  shards: EmbedShard[],
  { scratch, strict, log, approve }: StageContext,
): Promise<EmbedResult> {
  const parts = shards.map(({ number }) => partFiles(number))
  const { reason, ...counts } = sumOf(
    await Promise.all(parts.map(async (part) => jsonOf(join(scratch, part.counts)))),
  )
  const [{ images }] = shards as [EmbedShard]
  if (counts.images === 0) throw noneEmbedded(images.path, images.images, reason)
  const embeddings = await joined(
    scratch,
    parts.map((part) => part.embeddings),
    EMBEDDINGS,
    joinEmbeddings,
  )
  const list = await joined(
    scratch,
    parts.map((part) => part.skipped),
    SKIPPED,
    joinTexts,
  )
  if (strict && counts.skipped > 0) {
    const [first] = (await readWholeFile(list)).toString('utf8').split('\n')
    throw new StrictError(
      `${counts.skipped} of ${counts.images + counts.skipped} images skipped, and --strict was given: nothing is published. The first: ${first}`,
    )
  }
  approve?.({ images: counts.images })
  const skippedList = `${output}.skipped.jsonl`
  await makeDirectory(dirname(output))
  await renamePath(embeddings, output)
  if ((await stat(list)).size === 0) await removeTree(skippedList)
  else await renamePath(list, skippedList)
  await syncDirectory(dirname(output))
  if (counts.skipped > 0) log.warn(`${counts.skipped} images have no embedding: see ${skippedList}`)
  return { output, ...counts, skippedList: counts.skipped === 0 ? undefined : skippedList }
}

/** Of one part its own file: there is nothing to join. @returns an absolute path */
async function joined(
  scratch: string,
  parts: string[],
  name: string,
  joinAll: (paths: string[], file: HashedFile) => Promise<void>,
): Promise<string> {
  const paths = parts.map((part) => join(scratch, part))
  if (paths.length === 1) return paths[0]!
  const file = await HashedFile.create(join(scratch, name))
  try {
    await joinAll(paths, file)
    await file.finish()
  } catch (error) {
    await file.close().catch(() => {})
    throw error
  }
  return join(scratch, name)
}

async function joinTexts(paths: string[], file: HashedFile): Promise<void> {
  for (const path of paths) await file.write(await readWholeFile(path))
}

function sumOf(all: EmbedCounts[]): EmbedCounts {
  const sum = (of: (counts: EmbedCounts) => number) => all.reduce((total, counts) => total + of(counts), 0)
  const reason = all.find((counts) => counts.reason !== undefined)?.reason
  return {
    images: sum(({ images }) => images),
    computed: sum(({ computed }) => computed),
    embeddingSize: all[0]!.embeddingSize,
    skipped: sum(({ skipped }) => skipped),
    ...(reason !== undefined && { reason }),
  }
}

async function jsonOf(path: string): Promise<EmbedCounts> {
  return JSON.parse((await readWholeFile(path)).toString('utf8')) as EmbedCounts
}

function noneEmbedded(file: string, images: number, reason = 'no image could be read'): InputError {
  return new InputError({
    file,
    problem: images === 0 ? 'it holds no images' : `none of its ${images} images can be embedded: ${reason}`,
    fix: 'Align or pack the images at the size of the model (facedata pack --size N).',
  })
}
