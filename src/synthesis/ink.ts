/** A linear RGB colour, 0 to 1 where it is not overexposed. */
export interface Rgb {
  readonly r: number
  readonly g: number
  readonly b: number
}

export function mixRgb(from: Rgb, to: Rgb, share: number): Rgb {
  return {
    r: from.r + (to.r - from.r) * share,
    g: from.g + (to.g - from.g) * share,
    b: from.b + (to.b - from.b) * share,
  }
}

export function scaleRgb(color: Rgb, factor: number): Rgb {
  return { r: color.r * factor, g: color.g * factor, b: color.b * factor }
}

/** The colour of one sample while layers are laid over it: one mutable object, since there are 50,000 samples a face. */
export class Ink {
  r = 0
  g = 0
  b = 0

  set(color: Rgb): void {
    this.r = color.r
    this.g = color.g
    this.b = color.b
  }

  /** Lays a colour over it, made lighter or darker by the factor `tone`. */
  over(color: Rgb, alpha: number, tone = 1): void {
    this.r += (color.r * tone - this.r) * alpha
    this.g += (color.g * tone - this.g) * alpha
    this.b += (color.b * tone - this.b) * alpha
  }

  scale(factor: number): void {
    this.r *= factor
    this.g *= factor
    this.b *= factor
  }

  add(color: Rgb, amount: number): void {
    this.r += color.r * amount
    this.g += color.g * amount
    this.b += color.b * amount
  }
}
