import type { ImageProbe } from './image-probe.js'

/** Source: RFC 9649 (container), RFC 6386, 9.1 (lossy frame header). */
export function probeWebp(bytes: Uint8Array): ImageProbe {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = bytes.length >= 30 ? readSize(view) : undefined
  const probed: ImageProbe = {
    format: 'webp',
    width: size?.width ?? 0,
    height: size?.height ?? 0,
    components: size?.alpha ? 4 : 3,
    bitDepth: 8,
    orientation: 1,
  }
  if (size === undefined) return { ...probed, problem: 'the WebP has no valid header' }
  if (8 + view.getUint32(4, true) > bytes.length) {
    return { ...probed, problem: 'the WebP is shorter than it states: it is truncated' }
  }
  return probed
}

function readSize(view: DataView): { width: number; height: number; alpha: boolean } | undefined {
  const chunk = String.fromCharCode(
    view.getUint8(12),
    view.getUint8(13),
    view.getUint8(14),
    view.getUint8(15),
  )
  if (chunk === 'VP8X') {
    const uint24 = (offset: number) => view.getUint16(offset, true) + view.getUint8(offset + 2) * 0x10000
    return { width: 1 + uint24(24), height: 1 + uint24(27), alpha: (view.getUint8(20) & 0x10) !== 0 }
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true)
    return {
      width: 1 + (bits & 0x3fff),
      height: 1 + ((bits >>> 14) & 0x3fff),
      alpha: ((bits >>> 28) & 1) === 1,
    }
  }
  if (chunk === 'VP8 ') {
    return {
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
      alpha: false,
    }
  }
  return undefined
}
