import { UsageError } from '../errors/index.js'
import { dialects, type WrittenDialect } from './dialects/index.js'
import { LARGEST_EXACT_FLOAT32, MOST_IDENTITIES } from './label.js'

/**
 * Refuses more than the format holds: labels are float32, exact up to 2^24, and so are the keys in insightface's header
 * and identity records. @throws UsageError
 */
export function checkCapacity(dialect: WrittenDialect, images: number, identities: number): void {
  if (identities > MOST_IDENTITIES) {
    throw new UsageError(
      `${identities} identities are more than the format holds: labels are float32, which is exact up to ${LARGEST_EXACT_FLOAT32}`,
    )
  }
  const { firstKey, recordLimit } = dialects[dialect]
  const records = images + firstKey * (identities + 1)
  if (records > recordLimit.count) {
    throw new UsageError(
      `${images} images of ${identities} identities are more than the ${dialect} dialect holds, ${recordLimit.count} records: ${recordLimit.reason}`,
    )
  }
}
