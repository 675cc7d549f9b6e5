import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StrictError } from '../../errors/index.js'
import { makeDirectory, readWholeFile, removeTree, renamePath, syncDirectory } from '../../io/index.js'
import type { StageContext } from '../stage.js'
import type { EmbedResult } from './embed.js'
import { EMBEDDINGS, type EmbedCounts, SKIPPED } from './work.js'

/** Puts the embeddings under their name, and beside them the list of what was left out. @throws StrictError, OutputError */
export async function publishEmbeddings(
  output: string,
  counts: EmbedCounts,
  { scratch, strict, log, approve }: StageContext,
): Promise<EmbedResult> {
  const list = join(scratch, SKIPPED)
  if (strict && counts.skipped > 0) {
    const [first] = (await readWholeFile(list)).toString('utf8').split('\n')
    throw new StrictError(
      `${counts.skipped} of ${counts.images + counts.skipped} images skipped, and --strict was given: nothing is published. The first: ${first}`,
    )
  }
  approve?.({ images: counts.images })
  const skippedList = `${output}.skipped.jsonl`
  await makeDirectory(dirname(output))
  await renamePath(join(scratch, EMBEDDINGS), output)
  if ((await stat(list)).size === 0) await removeTree(skippedList)
  else await renamePath(list, skippedList)
  await syncDirectory(dirname(output))
  if (counts.skipped > 0) log.warn(`${counts.skipped} images have no embedding: see ${skippedList}`)
  return { output, ...counts, skippedList: counts.skipped === 0 ? undefined : skippedList }
}
