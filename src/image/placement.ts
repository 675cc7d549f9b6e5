/**
 * How an image of another shape meets the target. cover: fills it, what sticks out is cut off evenly at both sides;
 * contain: all of it fits in, the rest is black; fill: stretched.
 */
export type Fit = 'cover' | 'contain' | 'fill'

export interface TargetSize {
  width: number
  height: number
  fit: Fit
}

/** Which part of an image comes where on the target, along one axis, in pixels. */
export interface AxisPlacement {
  /** Length of the image. */
  source: number
  /** Where the part of it that is shown begins, and how long it is: not whole numbers as a rule. */
  from: number
  span: number
  /** Length of the target. */
  target: number
  /** Where the part stands on the target. */
  at: number
  outputs: number
}

export interface Placement {
  x: AxisPlacement
  y: AxisPlacement
}

export function place(width: number, height: number, target: TargetSize): Placement {
  const x = { source: width, from: 0, span: width, target: target.width, at: 0, outputs: target.width }
  const y = { source: height, from: 0, span: height, target: target.height, at: 0, outputs: target.height }
  const across = width / target.width
  const down = height / target.height
  if (target.fit === 'cover') {
    const scale = Math.min(across, down)
    return { x: cut(x, scale), y: cut(y, scale) }
  }
  if (target.fit === 'contain') {
    const scale = Math.max(across, down)
    return { x: inset(x, scale), y: inset(y, scale) }
  }
  return { x, y }
}

/** The same seen in a mirror. */
export function mirrored(axis: AxisPlacement): AxisPlacement {
  const { source, from, span, target, at, outputs } = axis
  return { ...axis, from: source - from - span, at: target - at - outputs }
}

function cut(axis: AxisPlacement, scale: number): AxisPlacement {
  const span = Math.min(axis.source, axis.target * scale)
  return { ...axis, from: (axis.source - span) / 2, span }
}

function inset(axis: AxisPlacement, scale: number): AxisPlacement {
  const outputs = Math.min(axis.target, Math.max(1, Math.round(axis.source / scale)))
  return { ...axis, at: Math.floor((axis.target - outputs) / 2), outputs }
}
