import { LARGEST_EXACT_FLOAT32 } from '../label.js'
import type { Dialect } from './dialect.js'

/**
 * What insightface's packer writes. Images have keys 1 to N, grouped by identity. Record 0 holds
 * `[N + 1, N + 1 + identities]`: the keys of the identity records, of which each holds the keys `[first, end)` of its
 * images. Those numbers are float32, so that there can be no more than 2^24 records. Source: insightface face2rec2.
 */
export const insightface: Dialect = {
  name: 'insightface',
  firstKey: 1,
  grouped: true,
  recordLimit: {
    count: LARGEST_EXACT_FLOAT32,
    reason: 'its records hold keys in float32, which is exact no further. Use --dialect im2rec',
  },
  *trailer(images, identities) {
    const first = images + 1
    yield { key: 0, labels: Float32Array.of(first, first + identities.count) }
    let start = 1
    for (let label = 0; label < identities.count; label++) {
      const end = start + identities.images[label]!
      yield { key: first + label, labels: Float32Array.of(start, end) }
      start = end
    }
  },
}
