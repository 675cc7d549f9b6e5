import { readIndex } from '../../recordio/index.js'
import type { RebuiltIndex } from './rebuilt-index.js'

/**
 * Whether an index that is there names the same records by the same keys. Keys that only number the records are no
 * better than those that are there, as long as these are distinct. The order of lines does not matter.
 * @throws InputError where the file cannot be read
 */
export async function isRight(path: string, { keys, offsets, keysBy }: RebuiltIndex): Promise<boolean> {
  let wrongLines = 0
  const found = await readIndex(path, () => wrongLines++)
  if (wrongLines > 0 || found.offsets.length !== offsets.length) return false
  const order = Uint32Array.from(found.offsets.keys())
  order.sort((a, b) => found.offsets[a]! - found.offsets[b]!)
  for (const [i, line] of order.entries()) {
    if (found.offsets[line] !== offsets[i]) return false
    if (keysBy !== 'order' && found.keys[line] !== keys[i]) return false
  }
  const sorted = found.keys.slice().sort()
  return sorted.every((key, i) => i === 0 || key !== sorted[i - 1])
}
