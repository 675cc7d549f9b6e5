import type { ImageProbe } from './image-probe.js'

/** The size of the logical screen. Source: GIF89a, section 18. */
export function probeGif(bytes: Uint8Array): ImageProbe {
  const probed = { format: 'gif', components: 3, bitDepth: 8, orientation: 1 } as const
  if (bytes.length < 13) return { ...probed, width: 0, height: 0, problem: 'the GIF has no valid header' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { ...probed, width: view.getUint16(6, true), height: view.getUint16(8, true) }
}
