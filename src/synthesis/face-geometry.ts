import type { Draw } from './draw.js'

/**
 * What makes an identity: the shape of a face and nothing that changes from photo to photo.
 *
 * Units are pixels of the 112x112 template. The origin is the middle of the face, near the tip of the nose; u points
 * to the right of the image, v down, z at the viewer.
 */
export interface FaceGeometry {
  head: {
    /** Half-widths of the skull at the temples, the cheekbones and the corners of the jaw. */
    temple: number
    cheek: number
    jaw: number
    /** v of the cheekbones, of the corners of the jaw and of the chin's lower end. */
    cheekV: number
    jawV: number
    chinV: number
    /** 0 is a round chin, 1 a pointed one. */
    pointed: number
    depth: number
  }
  eyes: {
    halfDistance: number
    v: number
    halfWidth: number
    opening: number
    /** Height of the outer corner over the inner one, as a slope. */
    tilt: number
    /** Where the upper lid is highest: negative inwards. */
    skew: number
    /** Gap between the upper lid and its crease; 0 is a lid without one. */
    crease: number
    iris: number
    socket: number
    bag: number
  }
  brows: {
    /** Gap between the eye's centre and the brow. */
    gap: number
    inner: number
    length: number
    thickness: number
    arch: number
    peak: number
    tilt: number
    density: number
  }
  nose: {
    tipV: number
    bridgeWidth: number
    bridgeHeight: number
    tipHeight: number
    tipRadius: number
    wings: number
    nostril: number
    hump: number
    /** Sideways bend of the ridge. */
    bend: number
  }
  mouth: {
    v: number
    halfWidth: number
    upper: number
    lower: number
    bow: number
    /** How far the corners hang (positive) or rise. */
    corner: number
  }
  cheeks: { prominence: number; u: number; v: number; fold: number }
  chin: { prominence: number; radius: number; cleft: number }
  ears: { height: number; width: number; v: number }
  beard: { moustache: number; goatee: number; cheeks: number }
  lines: { forehead: number; eyes: number; frown: number }
  moles: Mole[]
}

export interface Mole {
  u: number
  v: number
  radius: number
  darkness: number
}

/** The face of one identity, drawn from wide, mostly independent ranges so that no two are alike. */
export function drawFaceGeometry(draw: Draw): FaceGeometry {
  const cheek = draw.between(34, 49)
  const eyesV = draw.between(-25, -16)
  const mouthV = draw.between(16.5, 26.5)
  const bearded = draw.chance(0.5)
  return {
    head: {
      temple: cheek * draw.between(0.9, 1.03),
      cheek,
      jaw: cheek * draw.between(0.62, 1),
      cheekV: draw.between(-8, 6),
      jawV: draw.between(16, 27),
      chinV: mouthV + draw.between(15, 25),
      pointed: draw.between(0, 0.5),
      depth: draw.between(38, 46),
    },
    eyes: {
      halfDistance: draw.between(14, 21.5),
      v: eyesV,
      halfWidth: draw.between(4.7, 10),
      opening: draw.between(1.7, 5.8),
      tilt: draw.between(-0.3, 0.34),
      skew: draw.between(-0.45, 0.45),
      crease: draw.chance(0.25) ? 0 : draw.between(1.2, 4),
      iris: draw.between(2.3, 3.4),
      socket: draw.between(1.5, 6.5),
      bag: draw.chance(0.5) ? 0 : draw.between(0.3, 1),
    },
    brows: {
      gap: draw.between(6.5, 14.5),
      inner: draw.between(3.5, 9.5),
      length: draw.between(15, 23),
      thickness: draw.between(0.8, 4.8),
      arch: draw.between(-0.5, 5.5),
      peak: draw.between(0.35, 0.8),
      tilt: draw.between(-0.26, 0.28),
      density: draw.between(0.6, 1),
    },
    nose: {
      tipV: draw.between(-5.5, 5.5),
      bridgeWidth: draw.between(4.5, 11),
      bridgeHeight: draw.between(2, 7),
      tipHeight: draw.between(10, 17),
      tipRadius: draw.between(5, 8.5),
      wings: draw.between(4.8, 13.2),
      nostril: draw.between(1, 2.7),
      hump: draw.between(-2, 3),
      bend: draw.around(-2, 2),
    },
    mouth: {
      v: mouthV,
      halfWidth: draw.between(9.2, 20.3),
      upper: draw.between(0.9, 5.6),
      lower: draw.between(1.4, 7.2),
      bow: draw.between(0, 1.6),
      corner: draw.between(-1.8, 1.8),
    },
    cheeks: {
      prominence: draw.between(-1, 5),
      u: draw.between(19, 27),
      v: draw.between(-5, 7),
      fold: draw.between(0, 1.8),
    },
    chin: {
      prominence: draw.between(-1, 5),
      radius: draw.between(7, 13),
      cleft: draw.chance(0.25) ? draw.between(0.8, 2) : 0,
    },
    ears: { height: draw.between(9, 15), width: draw.between(2.5, 9), v: draw.between(-18, -8) },
    beard: {
      moustache: bearded && draw.chance(0.7) ? draw.between(0.4, 1) : 0,
      goatee: bearded && draw.chance(0.7) ? draw.between(0.4, 1) : 0,
      cheeks: bearded && draw.chance(0.45) ? draw.between(0.3, 0.9) : 0,
    },
    lines: {
      forehead: draw.chance(0.35) ? draw.between(0.3, 1) : 0,
      eyes: draw.chance(0.35) ? draw.between(0.3, 1) : 0,
      frown: draw.chance(0.3) ? draw.between(0.3, 1) : 0,
    },
    moles: Array.from({ length: draw.integer(6) }, () => ({
      u: draw.between(-30, 30),
      v: draw.between(-40, 34),
      radius: draw.between(0.8, 2.2),
      darkness: draw.between(0.5, 0.95),
    })),
  }
}
