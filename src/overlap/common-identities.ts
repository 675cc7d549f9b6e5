import {
  type Centres,
  defaultRule,
  findMatches,
  type IdentityMatch,
  identityCentres,
} from '../identities/index.js'
import type { OpenImages } from '../stages/image-input.js'
import { matchByName } from '../stages/merge/by-name.js'
import { type CommonPerson, type Evidence, identitySide, shownCosine } from './common-person.js'
import type { EmbeddingContext } from './embedding-context.js'

/**
 * Identities that two datasets or folders share, as `facedata merge` finds them: those of one name and, with a model,
 * those whose centres are each other's nearest. In the order of the labels. @throws InputError; the reason of the signal
 */
export async function commonIdentities(
  a: OpenImages,
  b: OpenImages,
  context: EmbeddingContext | undefined,
): Promise<CommonPerson[]> {
  const names = [await a.source.names(), await b.source.names()] as const
  const people = new Map<string, CommonPerson & { labels: [number, number] }>()
  const add = ({ a, b, action }: IdentityMatch, by: Evidence) => {
    if (a.input === b.input || action !== 'merge') return
    const labels: [number, number] = [a.label, b.label]
    const known = people.get(labels.join())
    if (known !== undefined) known.by.push(by)
    else {
      const sides = {
        a: identitySide(a.label, names[0][a.label]),
        b: identitySide(b.label, names[1][b.label]),
      }
      people.set(labels.join(), { ...sides, by: [by], labels })
    }
  }
  for (const match of matchByName([...names], 'merge')) add(match, 'name')
  if (context !== undefined) {
    const centres = [await centresOf(a, context), await centresOf(b, context)] as const
    for (const match of await matchesOf([...centres], context)) add(match, 'embedding')
    for (const person of people.values()) {
      const cosine = cosineOf(centres, person.labels)
      if (cosine !== undefined) person.cosine = shownCosine(cosine)
    }
  }
  return [...people.values()]
    .sort((one, other) => one.labels[0] - other.labels[0] || one.labels[1] - other.labels[1])
    .map(({ labels: _, ...person }) => person)
}

/** The centres of a side; images without an embedding are counted and named. */
export async function centresOf(
  { source }: OpenImages,
  { model, cache, progress, signal, log }: EmbeddingContext,
): Promise<Centres> {
  progress.start(`embedding ${source.name}`, source.images, 'images')
  let left = 0
  let reason = ''
  const centres = await identityCentres(source, model, cache, {
    signal,
    onBatch: ({ images, skipped }) => {
      progress.advance(images.length + skipped.length, { skipped: skipped.length })
      left += skipped.length
      reason ||= skipped[0]?.reason ?? ''
    },
  })
  if (left > 0) {
    log.warn(`${source.name}: ${left} images are not compared, since they have no embedding: ${reason}`)
  }
  return centres
}

function matchesOf(
  centres: Centres[],
  { search, threshold = defaultRule.threshold, progress, signal }: EmbeddingContext,
): Promise<IdentityMatch[]> {
  const identities = centres.reduce((sum, { count }) => sum + count, 0)
  progress.start('comparing', Math.round((identities * identities) / 2), 'pairs')
  return findMatches(search, centres, 'merge', {
    rule: { ...defaultRule, threshold },
    signal,
    onPairs: (pairs) => progress.advance(pairs),
  })
}

/** Undefined where one of them has no image. */
function cosineOf(
  [a, b]: readonly [Centres, Centres],
  [labelA, labelB]: [number, number],
): number | undefined {
  if (a.images[labelA] === 0 || b.images[labelB] === 0) return undefined
  let cosine = 0
  for (let i = 0; i < a.size; i++) cosine += a.values[labelA * a.size + i]! * b.values[labelB * b.size + i]!
  return cosine
}
