import type { ImageProbe } from './image-probe.js'

const BRANDS = ['avif', 'avis', 'heic', 'heix', 'hevc', 'mif1', 'msf1']

/**
 * AVIF and HEIC, known by the brand of their container (ISO/IEC 23008-12). Their size stands deep inside it and is left
 * to the decoder.
 */
export function probeHeif(bytes: Uint8Array): ImageProbe | undefined {
  const brand = Buffer.from(bytes.subarray(8, 12)).toString('latin1')
  if (!BRANDS.includes(brand)) return undefined
  return { format: 'heif', width: 0, height: 0, components: 3, bitDepth: 8, orientation: 1 }
}
