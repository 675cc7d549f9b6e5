import { UsageError } from '../../errors/index.js'
import { Random } from '../../random/random.js'

/** What of a dataset makes the second part: a share of it, or so many. */
export type Amount = { fraction: number } | { count: number }

/** Streams of chance: what is drawn for one does not change what is drawn for another. */
const Stream = { identities: 0, order: 1, images: 2 } as const

/**
 * Draws the identities of the second part; every set of that size is as likely as any other. Those without images stay
 * in the first part.
 * @param imagesOf number of images by label
 * @returns 1 for the second part, by label
 * @throws UsageError where a part would be empty
 */
export function drawIdentities(imagesOf: Uint32Array, amount: Amount, seed: number): Uint8Array {
  const labels = Uint32Array.from(imagesOf.keys()).filter((label) => imagesOf[label]! > 0)
  const wanted = resolveAmount(amount, labels.length, labels.length - 1, 'identities')
  const drawn = new Uint8Array(imagesOf.length)
  const order = new Random(seed, Stream.identities).shuffle(labels)
  for (const label of order.subarray(0, wanted)) drawn[label] = 1
  return drawn
}

/**
 * Draws the images of the second part: of every identity its share, rounded so that the whole has the size that was
 * asked for, and never all of them. One with a single image stays whole in the first part.
 * @param labels by position
 * @returns 1 for the second part, by position
 * @throws UsageError where the second part would be empty, or an identity would lose all of its images
 */
export function drawImages(
  labels: Int32Array,
  imagesOf: Uint32Array,
  amount: Amount,
  seed: number,
): Uint8Array {
  const wantedOf = shares(imagesOf, amount, seed)
  const leftOf = imagesOf.slice()
  const drawn = new Uint8Array(labels.length)
  const random = new Random(seed, Stream.images)
  for (const [position, label] of labels.entries()) {
    // Selection sampling: of the images that are left, so many are still wanted (Knuth, volume 2, 3.4.2, algorithm S).
    if (random.integer(leftOf[label]!) < wantedOf[label]!) {
      wantedOf[label]!--
      drawn[position] = 1
    }
    leftOf[label]!--
  }
  return drawn
}

/** How many images of each identity go to the second part. */
function shares(imagesOf: Uint32Array, amount: Amount, seed: number): Uint32Array {
  const divisible = Uint32Array.from(imagesOf.keys()).filter((label) => imagesOf[label]! > 1)
  const total = divisible.reduce((sum, label) => sum + imagesOf[label]!, 0)
  const wanted = resolveAmount(amount, total, total - divisible.length, 'images')
  const given = new Uint32Array(imagesOf.length)
  // In random order, so that chance and not the label decides whose share is rounded up.
  const order = new Random(seed, Stream.order).shuffle(divisible)
  let passed = 0
  let sum = 0
  for (const label of order) {
    passed += imagesOf[label]!
    given[label] = Math.min(Math.floor((passed * wanted) / total) - sum, imagesOf[label]! - 1)
    sum += given[label]!
  }
  for (const label of order) {
    const more = Math.min(wanted - sum, imagesOf[label]! - 1 - given[label]!)
    given[label]! += more
    sum += more
  }
  return given
}

/**
 * A share is one at least: nobody asks for an empty part.
 * @param most what the second part can hold while the first keeps what it must
 */
function resolveAmount(amount: Amount, total: number, most: number, unit: string): number {
  const wanted = 'count' in amount ? amount.count : Math.max(1, Math.round(amount.fraction * total))
  if (wanted >= 1 && wanted <= most) return wanted
  const asked = 'count' in amount ? `--count ${amount.count}` : `--fraction ${amount.fraction}`
  throw new UsageError(
    most < 1
      ? `the dataset cannot be split by ${unit}: it needs ${unit === 'images' ? 'an identity with two images' : 'two identities with images'} or more`
      : `${asked} is ${wanted} ${unit}: the second part can hold 1 to ${most}, since ${unit === 'images' ? 'every identity keeps one in the first' : 'the first keeps one'}`,
  )
}
