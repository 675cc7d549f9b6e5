/** What every backbone is told beside its own shape. */
export interface BackboneSize {
  embeddingSize: number
  /** Side of the square image in pixels, a multiple of 16; upstream's is 112. */
  imageSize: number
}
