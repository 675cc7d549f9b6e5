/** Image formats by their number in a manifest. The order is part of the file format: append only. */
export const imageFormats = ['unknown', 'jpeg', 'png', 'webp', 'bmp', 'gif', 'tiff', 'avif', 'heic'] as const

/** The number of a format; 0 for one that has none. */
export function imageFormatCode(format: string): number {
  return Math.max(0, (imageFormats as readonly string[]).indexOf(format))
}
