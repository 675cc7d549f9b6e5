import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readWholeFile } from '../../io/index.js'
import type { BrowsedDataset } from '../people/browsed-dataset.js'
import { AnswersFile, answersPath } from './answers-file.js'
import { CleanCases } from './clean-cases.js'
import { type FindDataset, MatchCases } from './match-cases.js'
import { Review } from './review.js'
import { readReviewTable, rowNumbers } from './review-table.js'

/**
 * Opens a review with the answers that were given before. @param path of its file, or of the folder of a report
 * @throws InputError, UsageError
 */
export async function openReview(
  path: string,
  datasets: readonly BrowsedDataset[],
  find: FindDataset,
): Promise<Review> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const file = resolve(path, ...(isFolder ? ['report.csv'] : []))
  const table = await readReviewTable(file)
  rowNumbers(table)
  const answers = await answersPath(file)
  const cases =
    table.kind === 'matches'
      ? await MatchCases.open(table, datasets, find, answers)
      : await CleanCases.open(table, (await readWholeFile(file)).toString('utf8'), datasets, answers)
  return new Review(table, await AnswersFile.open(answers, table), cases)
}
