/** Points of a face. */
export const LANDMARKS = 5

/** A face in a photo. */
export interface Face {
  /** Of the detector, 0 to 1. */
  score: number
  /**
   * x and y of left eye, right eye, nose, left and right corner of the mouth, in pixels of the upright photo; the centre
   * of its first pixel is (0, 0). Left is left in the photo. As in the files of landmarks: to hundredths of a pixel.
   */
  landmarks: readonly number[]
}

/** A face as it is written down: what is read again is the same face, to the last bit. */
export function roundedFace({ score, landmarks }: Face): Face {
  return { score: Number(score.toFixed(4)), landmarks: landmarks.map((value) => Number(value.toFixed(2))) }
}
