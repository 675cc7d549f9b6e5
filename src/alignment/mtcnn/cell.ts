/** Side of what the first network sees at a time, pixels. */
export const CELL = 12

/** Pixels from one cell to the next. */
export const STRIDE = 2
