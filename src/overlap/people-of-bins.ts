import type { Centres } from '../identities/index.js'
import type { OpenImages } from '../stages/image-input.js'
import { findByEmbedding, type Probes, probesOf } from '../stages/leaving/excluded-people.js'
import { centresOf } from './common-identities.js'
import type { CommonImages } from './common-images.js'
import { type CommonPerson, identitySide, type PersonSide, shownCosine } from './common-person.js'
import type { EmbeddingContext } from './embedding-context.js'
import type { ImagePlace } from './image-places.js'

/** From which cosine of an image to a centre on it is the same person: as `--exclude` has it. */
const THRESHOLD = 0.55

/**
 * Who of one side is in a bin on the other, as `--exclude` finds them: by a byte-identical image, else with a model by
 * the embedding of an image. Of two bins: the images of the second with somebody of the first.
 * @param images byte-identical ones of both sides @throws InputError; the reason of the signal
 */
export async function peopleOfBins(
  a: OpenImages,
  b: OpenImages,
  images: CommonImages,
  context: EmbeddingContext | undefined,
): Promise<CommonPerson[]> {
  const swapped = b.kind === 'bin' && a.kind !== 'bin'
  const [host, bin] = swapped ? [a, b] : [b, a]
  const names = await host.source.names()
  const people = new Map<number | string, CommonPerson>()
  const add = (id: number | string, image: string, evidence: Pick<CommonPerson, 'by' | 'cosine'>) => {
    const own: PersonSide = typeof id === 'string' ? { image: id } : identitySide(id, names[id])
    if (people.has(id)) return
    people.set(id, swapped ? { a: own, b: { image }, ...evidence } : { a: { image }, b: own, ...evidence })
  }
  for (const pair of images.pairs()) {
    const [own, other] = swapped ? [pair.a, pair.b] : [pair.b, pair.a]
    add(host.kind === 'bin' ? imageName(own) : own.label, imageName(other), { by: ['bytes'] })
  }
  if (context !== undefined) {
    const { search, threshold = THRESHOLD, signal } = context
    const probes = await imagesOf(bin, context)
    const imagesOfHost = host.kind === 'bin' ? await imagesOf(host, context) : undefined
    const centres =
      imagesOfHost === undefined ? await centresOf(host, context) : centresOfImages(imagesOfHost)
    for (const { label, probe, cosine } of await findByEmbedding(
      centres,
      probes,
      threshold,
      search,
      signal,
    )) {
      add(imagesOfHost?.names[label] ?? label, probe, { by: ['embedding'], cosine: shownCosine(cosine!) })
    }
  }
  return [...people.entries()].sort(byLabel).map(([, person]) => person)
}

/** Images stay in their order. */
function byLabel([a]: [number | string, unknown], [b]: [number | string, unknown]): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : 0
}

/** The images of a bin as probes; those without an embedding are counted. */
async function imagesOf({ source }: OpenImages, context: EmbeddingContext): Promise<Probes> {
  const probes = await probesOf(source, false, context, context)
  const left = source.images - probes.vectors.count
  if (left > 0) {
    context.log.warn(`${source.name}: ${left} images are not compared, since they have no embedding`)
  }
  return probes
}

function imageName({ key, path }: ImagePlace): string {
  return path || `image ${key}`
}

/** Every image as an identity of its own. */
function centresOfImages({ vectors }: Probes): Centres {
  const images = new Uint32Array(vectors.count).fill(1)
  return { ...vectors, images, cohesion: new Float32Array(vectors.count).fill(1) }
}
