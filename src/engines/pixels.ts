/** Pixel values x of a training batch become (x - 127.5) / 127.5, as upstream's. */
export const PIXEL_MEAN = 127.5
export const PIXEL_STD = 127.5
