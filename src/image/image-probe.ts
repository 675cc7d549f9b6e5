export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif' | 'bmp'

/** What an image file says of itself, read from its structure without decoding a pixel. */
export interface ImageProbe {
  format: ImageFormat
  /** As stored, before EXIF rotation. 0 where it is not known: HEIF, and headers that cannot be read. */
  width: number
  height: number
  /** Colour channels and alpha: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha or CMYK. A palette counts as RGB. */
  components: number
  /** Bits per component. */
  bitDepth: number
  /** EXIF orientation, 1 to 8; 1 is upright. Read for JPEG and TIFF only. */
  orientation: number
  /** Its components are inks: JPEG and TIFF only. */
  cmyk?: true
  /** JPEG only. `common`: Huffman-coded baseline, extended or progressive, which every decoder reads. */
  jpeg?: { common: boolean; junk: boolean }
  /** Why it cannot be a whole image: truncated, or a header that makes no sense. */
  problem?: string
}
