import type { Backbone } from '../node.js'
import type { BackboneSize } from './backbone-size.js'
import { type IResNetShape, iresnet, iresnets } from './iresnet.js'
import { type MobileFaceNetShape, mobilefacenet, mobilefacenets } from './mobilefacenet.js'

/** Parts of a shape that replace those of the named network. */
export type OwnShape = Partial<MobileFaceNetShape & IResNetShape>

/**
 * Every network that upstream's `get_model` names, of the families that are here. A new family is a file with its
 * networks by name and a function that builds one, and a line in this table.
 */
const builders = {
  ...family(mobilefacenets, mobilefacenet),
  ...family(iresnets, iresnet),
}

export type NetworkName = keyof typeof builders

export const networkNames = Object.keys(builders) as NetworkName[]

/** A network by its name in the `network` key of a config. @throws UsageError for sizes that make no network */
export function namedBackbone(name: NetworkName, own: OwnShape, size: BackboneSize): Backbone {
  return { ...builders[name](own, size), name }
}

function family<Name extends string, Shape>(
  networks: Readonly<Record<Name, NoInfer<Shape>>>,
  build: (options: Shape & BackboneSize) => Backbone,
): Record<Name, (own: Partial<Shape>, size: BackboneSize) => Backbone> {
  const entries = Object.entries<Shape>(networks).map(([name, shape]) => {
    return [name, (own: Partial<Shape>, size: BackboneSize) => build({ ...shape, ...own, ...size })] as const
  })
  return Object.fromEntries(entries) as ReturnType<typeof family<Name, Shape>>
}
