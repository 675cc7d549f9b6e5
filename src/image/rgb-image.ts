/** A decoded image: interleaved rows (HWC), 8-bit RGB, upright. */
export interface RgbImage {
  width: number
  height: number
  /** `height * width * 3` bytes. */
  data: Uint8Array
}
