import { smoothstep } from './curves.js'
import type { FaceGeometry } from './face-geometry.js'
import type { Pose } from './pose.js'
import type { Relief } from './relief.js'

const TOP = -96
const ROWS = 340
const ROWS_PER_UNIT = 2
const FOREHEAD_V = -30

/** Where a line of sight meets a surface: the point in the head's frame and the unit normal there. */
export class Hit {
  u = 0
  v = 0
  z = 0
  normalU = 0
  normalV = 0
  normalZ = 1
  /** Half-width of the head at this v. */
  halfWidth = 1
}

/**
 * A head without features: each horizontal cross-section is an ellipse, so that a line of sight meets it in closed
 * form. `swell` makes it larger all around: the shape of hair.
 */
export class HeadShape {
  readonly #widths = new Float64Array(ROWS)
  readonly #depths = new Float64Array(ROWS)

  constructor({ head, eyes }: FaceGeometry, swell = 0) {
    const crown = 2 * eyes.v - head.chinV - 2
    for (let row = 0; row < ROWS; row++) {
      const v = TOP + row / ROWS_PER_UNIT
      let width = 0
      let depth = 0
      if (v <= FOREHEAD_V) {
        const t = (FOREHEAD_V - v) / (FOREHEAD_V - crown + swell)
        const round = t >= 1 ? 0 : Math.sqrt(1 - t * t)
        width = (head.temple + swell) * round
        depth = (head.depth + swell) * round
      } else if (v <= head.jawV) {
        const low = smoothstep(head.cheekV - 2, head.jawV, v)
        const high = smoothstep(FOREHEAD_V, head.cheekV, v)
        width = head.temple + (head.cheek - head.temple) * high + (head.jaw - head.cheek) * low + swell
        depth = head.depth + swell - 1.5 * low
      } else {
        const t = (v - head.jawV) / (head.chinV + swell - head.jawV)
        const round = t >= 1 ? 0 : Math.sqrt(1 - t * t)
        width = (head.jaw + swell) * round * (1 - 0.45 * head.pointed * t)
        depth = t >= 1 ? 0 : (head.depth + swell - 1.5) * Math.sqrt(1 - t * t * t * t)
      }
      this.#widths[row] = width
      this.#depths[row] = depth
    }
  }

  halfWidth(v: number): number {
    return lookUp(this.#widths, v)
  }

  /** Height of the bare surface at (u, v); 0 beside the head. */
  height(u: number, v: number): number {
    const share = u / Math.max(this.halfWidth(v), 1e-6)
    return share * share >= 1 ? 0 : lookUp(this.#depths, v) * Math.sqrt(1 - share * share)
  }

  /**
   * Finds the point seen at (x, y) of the picture plane. The nod, and the relief where there is one, are solved by
   * fixed-point iteration: each round moves the point by less than the one before.
   */
  meet(pose: Pose, x: number, y: number, relief: Relief | undefined, hit: Hit): boolean {
    const { sine, cosine } = pose.yaw
    let depth = 32
    let rise = 0
    let u = 0
    let v = 0
    let z = 0
    let width = 0
    let front = 0
    for (let round = relief === undefined ? 1 : 0; round < 3; round++) {
      v = (y + depth * pose.pitch.sine) / pose.pitch.cosine
      width = lookUp(this.#widths, v)
      front = lookUp(this.#depths, v)
      if (width < 0.5 || front < 0.5) return false
      const inverseWidth = 1 / (width * width)
      const inverseFront = 1 / (front * front)
      const across = x - rise * sine
      const a = sine * sine * inverseWidth + cosine * cosine * inverseFront
      const b = across * sine * cosine * (inverseFront - inverseWidth)
      const c = across * across * (cosine * cosine * inverseWidth + sine * sine * inverseFront) - 1
      const discriminant = b * b - a * c
      if (discriminant < 0) return false
      const along = (Math.sqrt(discriminant) - b) / a
      u = across * cosine - along * sine
      z = across * sine + along * cosine
      rise = relief === undefined ? 0 : relief.height(u, v)
      depth = along + rise * cosine
    }
    hit.u = u
    hit.v = v
    hit.z = z + rise
    hit.halfWidth = width
    this.#setNormal(hit, u, v, z, width, front, relief)
    return true
  }

  /** The gradient of u^2/w^2 + z^2/d^2, bent by the slopes of the relief. */
  #setNormal(
    hit: Hit,
    u: number,
    v: number,
    z: number,
    width: number,
    front: number,
    relief: Relief | undefined,
  ): void {
    const widthSlope = lookUp(this.#widths, v + 1) - lookUp(this.#widths, v - 1)
    const frontSlope = lookUp(this.#depths, v + 1) - lookUp(this.#depths, v - 1)
    let nu = u / (width * width)
    let nv =
      -0.5 * ((u * u * widthSlope) / (width * width * width) + (z * z * frontSlope) / (front * front * front))
    const nz = z / (front * front)
    if (relief !== undefined && nz > 0) {
      nu -= relief.slopeU(u, v) * nz
      nv -= relief.slopeV(u, v) * nz
    }
    const length = Math.sqrt(nu * nu + nv * nv + nz * nz) + 1e-12
    hit.normalU = nu / length
    hit.normalV = nv / length
    hit.normalZ = nz / length
  }
}

function lookUp(table: Float64Array, v: number): number {
  const position = (v - TOP) * ROWS_PER_UNIT
  if (!(position >= 0 && position < ROWS - 1)) return 0
  const row = Math.floor(position)
  return table[row]! + (table[row + 1]! - table[row]!) * (position - row)
}
