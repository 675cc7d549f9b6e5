import { type PublishOptions, publishDataset, type WrittenDataset } from '../../dataset/index.js'
import { StrictError } from '../../errors/index.js'
import { describeMissing, type Leaving } from './describe.js'

/**
 * Publishes a dataset that people were to leave. What was asked for is no reason to stop under `strict`; a name that
 * nobody has is: it may be misspelt. @throws as `publishDataset`
 */
export async function publishWithoutPeople(
  written: WrittenDataset,
  output: string,
  { strict, ...options }: PublishOptions,
  leaving: Leaving | undefined,
): Promise<void> {
  const missing = leaving?.removal?.notFound ?? []
  if (strict && missing.length > 0) {
    throw new StrictError(
      `${describeMissing(missing)}, and --strict was given: nothing is published. Correct the names, or take them from the list`,
    )
  }
  const onlyAsked = written.description.skipped === (leaving?.images ?? 0)
  await publishDataset(written, output, { ...options, strict: strict && !onlyAsked })
}
