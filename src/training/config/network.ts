import { z } from 'zod'
import { iresnets, mobilefacenets, networkNames } from '../../network/index.js'

const count = z.number().int().min(1)
const blocks = z.tuple([count, z.number().int().min(0), z.number().int().min(0), z.number().int().min(0)])

function namesOf<Name extends string>(networks: Readonly<Record<Name, unknown>>) {
  return z.enum(Object.keys(networks) as Name[])
}

/** A name of upstream's, alone or in an object with sizes of one's own: blocks a level, width. */
export const networkSchema = z.union(
  [
    z.enum(networkNames),
    z.strictObject({
      name: namesOf(mobilefacenets).describe('A MobileFaceNet.'),
      blocks: blocks.exactOptional().describe('Blocks of each of its four levels.'),
      scale: count.exactOptional().describe('Width: multiplies the channels between blocks.'),
    }),
    z.strictObject({
      name: namesOf(iresnets).describe('An iResNet.'),
      layers: z
        .tuple([count, count, count, count])
        .exactOptional()
        .describe('Blocks of each of its four levels.'),
    }),
  ],
  {
    error:
      `expected ${networkNames.join(', ')}, {name: mbf, blocks: [1, 4, 6, 2], scale: 2} or ` +
      '{name: r18, layers: [2, 2, 2, 2]}',
  },
)
