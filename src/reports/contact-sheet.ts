import type { StoredImage } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import { Random } from '../random/random.js'
import { thumbnail } from './thumbnail.js'

/** People of a dataset, drawn by chance, with some photos of each. */
export interface ContactSheet {
  seed: number
  /** A photo is undefined where it cannot be read or decoded. */
  people: { label: number; name: string | undefined; images: number; photos: (Uint8Array | undefined)[] }[]
}

/** Photos of one person: enough to see whether they are one. */
export const PHOTOS_EACH = 4

/** Streams of chance: people, and photos of a person. */
const PEOPLE = 1
const PHOTOS = 2

/** Where photos are taken from: a dataset, or what can be read of a damaged one. */
export interface PhotoSource {
  /** In file order. @throws InputError */
  labels(): Promise<Int32Array>
  /** @throws InputError */
  image(position: number): Promise<StoredImage>
}

export interface ContactSheetRequest {
  seed: number
  /** Photos on the sheet. */
  most: number
  names: (string | undefined)[]
  /** Is told of each record that cannot be read. */
  onFault(fault: InputError): void
}

/**
 * Draws people, each as likely as any other, until there are `most` photos. The draw depends on the seed and the number
 * of identities and their images alone. @param imagesOf images of each identity @throws InputError
 */
export async function drawContactSheet(
  source: PhotoSource,
  imagesOf: ArrayLike<number>,
  { seed, most, names, onFault }: ContactSheetRequest,
): Promise<ContactSheet> {
  const labels = drawPeople(imagesOf, seed, most)
  const positions = await positionsOf(source, new Set(labels))
  const people: ContactSheet['people'] = []
  let left = most
  for (const label of labels) {
    const own = positions.get(label) ?? []
    const chosen = drawPhotos(own, new Random(seed, PHOTOS, label)).slice(0, left)
    left -= chosen.length
    const photos = await Promise.all(chosen.map((position) => photoAt(source, position, onFault)))
    people.push({ label, name: names[label], images: own.length, photos })
  }
  return { seed, people }
}

/** A thumbnail of an image; undefined where it cannot be had, which is told where its record is at fault. */
export async function photoAt(
  source: PhotoSource,
  position: number,
  onFault: (fault: InputError) => void,
): Promise<Uint8Array | undefined> {
  try {
    return await thumbnail((await source.image(position)).bytes)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    onFault(error)
    return undefined
  }
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

async function positionsOf(source: PhotoSource, labels: ReadonlySet<number>): Promise<Map<number, number[]>> {
  const positions = new Map<number, number[]>()
  for (const [position, label] of (await source.labels()).entries()) {
    if (!labels.has(label)) continue
    const found = positions.get(label)
    if (found === undefined) positions.set(label, [position])
    else found.push(position)
  }
  return positions
}
