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
  for (const { id, image, cosine } of await byEmbedding(host, bin, context)) {
    add(id, image, { by: ['embedding'], cosine: shownCosine(cosine) })
  }
  return [...people.entries()].sort(byLabel).map(([, person]) => person)
}

interface FoundByEmbedding {
  /** Label, or name of an image. */
  id: number | string
  /** Of the bin. */
  image: string
  cosine: number
}

async function byEmbedding(
  host: OpenImages,
  bin: OpenImages,
  context: EmbeddingContext | undefined,
): Promise<FoundByEmbedding[]> {
  if (context === undefined) return []
  const { search, threshold = THRESHOLD, signal } = context
  const probes = await imagesOf(bin, context)
  if (host.kind === 'bin')
    return imagesAlike(await imagesOf(host, context), probes, { ...context, threshold })
  const centres = await centresOf(host, context)
  const found = await findByEmbedding(centres, probes, threshold, search, signal)
  return found.map(({ label, probe, cosine }) => ({ id: label, image: probe, cosine: cosine! }))
}

/** The images of one bin whose nearest one of another shows the same person. */
async function imagesAlike(
  images: Probes,
  others: Probes,
  { search, threshold, signal }: Pick<EmbeddingContext, 'search' | 'signal'> & { threshold: number },
): Promise<FoundByEmbedding[]> {
  const { positions, scores } = (await search.between(images.vectors, others.vectors, signal)).a
  return images.names.flatMap((id, i) => {
    const cosine = scores[i]!
    return positions[i] === -1 || cosine < threshold
      ? []
      : [{ id, image: others.names[positions[i]!]!, cosine }]
  })
}

/** Identities; images stay as they were found, byte-identical ones first. */
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
