import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NearestSearch } from '../identities/index.js'
import { removeTree } from '../io/index.js'
import type { Log, Progress } from '../progress/progress.js'
import { type ImageInput, type OpenImages, openImages } from '../stages/image-input.js'
import { cachePlaces, freezeModel } from '../stages/model-input.js'
import type { ModelOptions } from '../stages/model-options.js'
import { withEmbeddings } from '../stages/with-embeddings.js'
import { commonIdentities } from './common-identities.js'
import { CommonImages } from './common-images.js'
import { type CommonPerson, type Evidence, evidences } from './common-person.js'
import type { EmbeddingContext } from './embedding-context.js'
import { peopleOfBins } from './people-of-bins.js'

export interface OverlapOptions {
  /** Folder in which dataset names are looked up. */
  datasets?: string
  /** Without it, names and bytes alone tell. */
  model?: OverlapModel
  /** Worker threads. */
  jobs: number
  signal: AbortSignal
  progress: Progress
  log: Log
}

export interface OverlapModel {
  /** An .onnx file, a run or weights. */
  path: string
  options: ModelOptions
  /** Cosine; without it 0.65 between centres, and 0.55 from an image of a bin to a centre. */
  threshold?: number
  /** As the option `--embeddings`. */
  embeddings?: string[]
}

/** One of the two that are compared. */
export interface OverlapSide extends Pick<ImageInput, 'kind' | 'path' | 'images'> {
  name: string
  /** Missing for a bin, which does not tell its people. */
  identities?: number
}

/** What two datasets, bins or folders have in common, in numbers. */
export interface OverlapCounts {
  a: OverlapSide
  b: OverlapSide
  /** Byte-identical images: those of each side, and how many of them differ. */
  images: { a: number; b: number; distinct: number }
  /** How many there are, and for how many each evidence speaks. */
  people: { count: number } & Record<Evidence, number>
}

/** An image that is on both sides. */
export interface CommonImage {
  a: NamedImage
  b: NamedImage
  /** Of its bytes, in hex. */
  xxh64: string
}

export interface NamedImage {
  /** Name of its identity; missing where it has none, and for an image of a bin that does not tell it. */
  identity?: string
  /** Missing for an image of a bin. */
  label?: number
  /** In its source; empty where it is not known. */
  path: string
  /** Of its record; of a folder or a bin its position. */
  key: number
}

/** People and images that two datasets, bins or folders have in common. Nothing is open any more. */
export class Overlap {
  readonly counts: OverlapCounts
  readonly people: CommonPerson[]
  readonly #images: CommonImages
  readonly #names: { a: (string | undefined)[]; b: (string | undefined)[] }

  private constructor(
    counts: OverlapCounts,
    people: CommonPerson[],
    images: CommonImages,
    names: { a: (string | undefined)[]; b: (string | undefined)[] },
  ) {
    this.counts = counts
    this.people = people
    this.#images = images
    this.#names = names
  }

  /**
   * Compares two datasets, given by name or path, folders or bins. Only embeddings are written, into their cache.
   * @throws InputError; the reason of the signal
   */
  static async find(a: string, b: string, options: OverlapOptions): Promise<Overlap> {
    const first = await openImages(a, options.datasets)
    try {
      const second = await openImages(b, options.datasets)
      try {
        return await Overlap.#between(first, second, options)
      } finally {
        await second.source.close()
      }
    } finally {
      await first.source.close()
    }
  }

  /** How many `images` gives. */
  get imagePairs(): number {
    return this.#images.pairCount
  }

  /** In the order of the first side: see `CommonImages.pairs`. */
  *images(): Generator<CommonImage> {
    const sides = [this.counts.a, this.counts.b]
    const [isBinA, isBinB] = sides.map(({ kind }) => kind === 'bin')
    for (const { a, b, xxh64 } of this.#images.pairs()) {
      yield { a: named(a, this.#names.a, isBinA!), b: named(b, this.#names.b, isBinB!), xxh64 }
    }
  }

  static async #between(a: OpenImages, b: OpenImages, options: OverlapOptions): Promise<Overlap> {
    const images = await CommonImages.find(a, b, options)
    const people = await withContext(options, (context) =>
      a.kind === 'bin' || b.kind === 'bin'
        ? peopleOfBins(a, b, images, context)
        : commonIdentities(a, b, context),
    )
    options.progress.finish()
    const byEvidence = (evidence: Evidence) => people.filter(({ by }) => by.includes(evidence)).length
    const evidence = Object.fromEntries(evidences.map((one) => [one, byEvidence(one)]))
    const counts = {
      a: describeSource(a),
      b: describeSource(b),
      images: { a: images.ofA, b: images.ofB, distinct: images.distinct },
      people: { count: people.length, ...(evidence as Record<Evidence, number>) },
    }
    return new Overlap(counts, people, images, { a: await a.source.names(), b: await b.source.names() })
  }
}

async function withContext<T>(
  { model: given, datasets, jobs, signal, progress, log }: OverlapOptions,
  use: (context: EmbeddingContext | undefined) => Promise<T>,
): Promise<T> {
  if (given === undefined) return use(undefined)
  const model = await freezeModel(given.path, given.options)
  const cache = cachePlaces(given.embeddings, datasets)
  const scratch = await mkdtemp(join(tmpdir(), 'facedata-overlap-'))
  const search = new NearestSearch(jobs)
  try {
    return await withEmbeddings({ model, cache }, { jobs, scratch }, (model, cache) =>
      use({ model, cache, search, threshold: given.threshold, signal, progress, log }),
    )
  } finally {
    await search.close()
    await removeTree(scratch)
  }
}

function describeSource({ kind, path, source: { name, images, identities } }: OpenImages): OverlapSide {
  return { name, kind, path, images, ...(kind !== 'bin' && { identities }) }
}

function named(
  { key, label, path }: { key: number; label: number; path: string },
  names: (string | undefined)[],
  isBin: boolean,
): NamedImage {
  const identity = names[label]
  return { ...(identity !== undefined && { identity }), ...(!isBin && { label }), path, key }
}
