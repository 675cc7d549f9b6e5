import { addCopies } from '../copies.js'
import type { Rule } from '../rule.js'

/** The same file twice, within an identity or in two: one of them stays, see `addCopies`. */
export const byteIdentical: Rule = {
  name: 'byte-identical',
  summary: 'the same bytes as another image',
  needsModel: false,

  find(images, _threshold, findings) {
    const order = new Uint32Array(images.count).map((_, position) => position)
    const { hashes } = images
    order.sort((a, b) => (hashes[a]! < hashes[b]! ? -1 : hashes[a]! > hashes[b]! ? 1 : a - b))
    for (let first = 0, end = 0; first < order.length; first = end) {
      while (end < order.length && hashes[order[end]!] === hashes[order[first]!]) end++
      addCopies('byte-identical', images, order.subarray(first, end), findings, () => 0)
    }
  },
}
