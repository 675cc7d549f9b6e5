import type { Dataset } from '../dataset/index.js'
import { Random } from '../random/random.js'
import { thumbnail } from './thumbnail.js'

/** People of a dataset, drawn by chance, with some photos of each. */
export interface ContactSheet {
  seed: number
  people: { label: number; name: string | undefined; images: number; photos: (Uint8Array | undefined)[] }[]
}

/** Photos of one person: enough to see whether they are one. */
export const PHOTOS_EACH = 4

/** Streams of chance: people, and photos of a person. */
const PEOPLE = 1
const PHOTOS = 2

/**
 * Draws people, each as likely as any other, until there are `most` photos. The draw depends on the seed and the number
 * of identities and their images alone. @param imagesOf images of each identity @throws InputError
 */
export async function drawContactSheet(
  dataset: Dataset,
  imagesOf: ArrayLike<number>,
  { seed, most, names }: { seed: number; most: number; names: (string | undefined)[] },
): Promise<ContactSheet> {
  const labels = drawPeople(imagesOf, seed, most)
  const positions = await positionsOf(dataset, new Set(labels))
  const people: ContactSheet['people'] = []
  let left = most
  for (const label of labels) {
    const own = positions.get(label) ?? []
    const chosen = drawPhotos(own, new Random(seed, PHOTOS, label)).slice(0, left)
    left -= chosen.length
    const images = await dataset.imagesAt(chosen)
    const photos = await Promise.all(images.map(({ bytes }) => thumbnail(bytes)))
    people.push({ label, name: names[label], images: own.length, photos })
  }
  return { seed, people }
}

function drawPeople(imagesOf: ArrayLike<number>, seed: number, most: number): number[] {
  const labels = Uint32Array.from(imagesOf, (_, label) => label).filter((label) => imagesOf[label]! > 0)
  const random = new Random(seed, PEOPLE)
  const drawn: number[] = []
  let photos = 0
  // The beginning of a shuffle: no more of it is needed.
  for (let i = 0; i < labels.length && photos < most; i++) {
    const other = i + random.integer(labels.length - i)
    ;[labels[i], labels[other]] = [labels[other]!, labels[i]!]
    drawn.push(labels[i]!)
    photos += Math.min(PHOTOS_EACH, imagesOf[labels[i]!]!)
  }
  return drawn
}

/** In file order. */
function drawPhotos(positions: number[], random: Random): number[] {
  return random
    .shuffle([...positions])
    .slice(0, PHOTOS_EACH)
    .sort((a, b) => a - b)
}

async function positionsOf(dataset: Dataset, labels: ReadonlySet<number>): Promise<Map<number, number[]>> {
  const positions = new Map<number, number[]>()
  for (const [position, label] of (await dataset.labels()).entries()) {
    if (!labels.has(label)) continue
    const found = positions.get(label)
    if (found === undefined) positions.set(label, [position])
    else found.push(position)
  }
  return positions
}
