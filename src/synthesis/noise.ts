/** Value noise in [0, 1], smooth over one unit. `salt` tells fields apart. */
export function valueNoise(x: number, y: number, salt: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const fx = x - left
  const fy = y - top
  const sx = fx * fx * (3 - 2 * fx)
  const sy = fy * fy * (3 - 2 * fy)
  const upper =
    latticeNoise(left, top, salt) + (latticeNoise(left + 1, top, salt) - latticeNoise(left, top, salt)) * sx
  const lower =
    latticeNoise(left, top + 1, salt) +
    (latticeNoise(left + 1, top + 1, salt) - latticeNoise(left, top + 1, salt)) * sx
  return upper + (lower - upper) * sy
}

/** White noise in [0, 1] at integer points. Mixing constants: the finaliser of MurmurHash3. */
export function latticeNoise(x: number, y: number, salt: number): number {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ salt
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0xffff_ffff
}
