/** Side of the square in which the template's points are given, pixels. */
const TEMPLATE_SIZE = 112

/** ArcFace's five points (insightface, `arcface_src`), ordered as those of a face. */
const ARCFACE = [38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041]

/**
 * Where the landmarks of a face come on an aligned image of `size` x `size` pixels. Another size than 112 shows the same
 * part of the face, to its edges.
 */
export function arcfaceTemplate(size: number): number[] {
  const scale = size / TEMPLATE_SIZE
  // The edge of the image is half a pixel before the centre of its first pixel.
  return ARCFACE.map((value) => (value + 0.5) * scale - 0.5)
}
