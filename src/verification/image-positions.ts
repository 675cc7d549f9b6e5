/** An identity as sampling sees it: the positions of its images. */
export type ImagePositions = Uint32Array
