import type { ImageProbe } from './image-probe.js'

/** Components by colour type: gray, -, RGB, palette, gray and alpha, -, RGB and alpha. Source: PNG 1.2, 4.1.1. */
const COMPONENTS = [1, 0, 3, 3, 2, 0, 4]
const SIGNATURE_LENGTH = 8
const END_CHUNK = 0x49454e44

export function probePng(bytes: Uint8Array): ImageProbe {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const hasHeader = bytes.length >= SIGNATURE_LENGTH + 25 && view.getUint32(12) === 0x49484452
  const probed: ImageProbe = {
    format: 'png',
    width: hasHeader ? view.getUint32(16) : 0,
    height: hasHeader ? view.getUint32(20) : 0,
    bitDepth: hasHeader ? view.getUint8(24) : 0,
    components: (hasHeader && COMPONENTS[view.getUint8(25)]) || 0,
    orientation: 1,
  }
  if (!hasHeader || probed.components === 0) return { ...probed, problem: 'the PNG has no valid header' }
  if (!reachesEnd(view)) return { ...probed, problem: 'the PNG has no end chunk: it is truncated or corrupt' }
  return probed
}

/** Follows the chunks by their lengths. */
function reachesEnd(view: DataView): boolean {
  let position = SIGNATURE_LENGTH
  while (position + 12 <= view.byteLength) {
    const length = view.getUint32(position)
    const type = view.getUint32(position + 4)
    position += 12 + length
    if (type === END_CHUNK) return position <= view.byteLength
  }
  return false
}
