import { type Alignment, alignFace } from './alignment.js'
import { type Background, drawBackground } from './background.js'
import { Beard } from './beard.js'
import { Brows } from './brows.js'
import { Draw } from './draw.js'
import { drawExpression } from './expression.js'
import { Eyes } from './eyes.js'
import { drawFaceGeometry, type FaceGeometry } from './face-geometry.js'
import { drawHair, type Hair } from './hair.js'
import { HeadShape } from './head-shape.js'
import { mixRgb, type Rgb } from './ink.js'
import { drawLens, type Lens } from './lens.js'
import { drawLight, type Light } from './light.js'
import { Mouth } from './mouth.js'
import { Nose } from './nose.js'
import { drawOcclusion, type Occlusion } from './occlusion.js'
import { drawPose, type Pose } from './pose.js'
import { Relief } from './relief.js'
import { drawSkin, type Skin } from './skin.js'

/** Everything that one image shows: a face and the occasion on which it was photographed. */
export interface Portrait {
  geometry: FaceGeometry
  head: HeadShape
  /** The surface of the hair. */
  shell: HeadShape
  relief: Relief
  pose: Pose
  alignment: Alignment
  light: Light
  skin: Skin
  hair: Hair
  background: Background
  clothes: Rgb
  occlusion: Occlusion
  lens: Lens
  features: { eyes: Eyes; brows: Brows; nose: Nose; mouth: Mouth; beard: Beard }
  salt: number
}

/** Brows and beards are darker than the hair, more or less so. */
const DARK_BROWN: Rgb = { r: 0.045, g: 0.028, b: 0.02 }

/** Keys of the random streams: what belongs to the identity, and what to each image. */
const IDENTITY_STREAM = 1
const IMAGE_STREAM = 2

/** Composes image number `image` of identity number `identity`; the two and the seed decide all of it. */
export function composePortrait(seed: number, identity: number, image: number): Portrait {
  const geometry = drawFaceGeometry(new Draw(seed, IDENTITY_STREAM, identity))
  const draw = new Draw(seed, IMAGE_STREAM, identity, image)
  const pose = drawPose(draw)
  const expression = drawExpression(draw)
  const light = drawLight(draw, pose)
  const skin = drawSkin(draw)
  const hair = drawHair(draw)
  const browColor = mixRgb(hair.brow, DARK_BROWN, draw.between(0.3, 0.8))
  const beardGrowth = draw.chance(0.1) ? 0 : draw.between(0.5, 1)
  const head = new HeadShape(geometry)
  const relief = new Relief(geometry, expression)
  return {
    geometry,
    head,
    shell: new HeadShape(geometry, hair.volume),
    relief,
    pose,
    alignment: alignFace(geometry, expression, head, relief, pose),
    light,
    skin,
    hair,
    background: drawBackground(draw),
    clothes: { r: draw.between(0.01, 0.7), g: draw.between(0.01, 0.7), b: draw.between(0.01, 0.7) },
    occlusion: drawOcclusion(draw),
    lens: drawLens(draw),
    features: {
      eyes: new Eyes(geometry, expression, skin),
      brows: new Brows(geometry, expression, browColor, skin.shade),
      nose: new Nose(geometry, skin.shade),
      mouth: new Mouth(geometry, expression, skin),
      beard: new Beard(geometry, browColor, beardGrowth),
    },
    salt: draw.integer(0x7fff_ffff),
  }
}
