export { cutSquares, resizeByArea, type Square } from './area.js'
export { convertToJpeg } from './convert.js'
export { crop } from './crop.js'
export { decodeJpegRgbSync, decodeRgb, notAnImage } from './decode.js'
export {
  DIFFERENCE_HASH_BITS,
  DIFFERENCE_HASH_WORDS,
  differenceHash,
  differentBits,
} from './difference-hash.js'
export type { ColourShift, Distortion } from './distortion.js'
export { encodeJpeg } from './encode.js'
export type { ImageFormat, ImageProbe } from './image-probe.js'
export { DEFAULT_MAXIMUM_PIXELS, type DecodeLimits } from './limits.js'
export { type LumaImage, lumaOf, meanLuma } from './luma.js'
export type { Fit, TargetSize } from './placement.js'
export { decodePlanes, type PlaneTarget } from './planes.js'
export { probe } from './probe.js'
export { resize } from './resize.js'
export type { RgbImage } from './rgb-image.js'
export { sharpness } from './sharpness.js'
export { inverse, type Similarity, scaleOf, transform } from './similarity.js'
export { warp } from './warp.js'
