import { Random } from '../../random/random.js'

/** The stream of the negatives, apart from those of order and flips. */
const NEGATIVES = 3

const TAKEN = 1
const LEFT_OUT = 2

/**
 * How many class centres a step of PartialFC works with: int(rate * classes) as upstream, yet no fewer than an
 * update has images, so that its positives always fit. Upstream takes exactly the positives where they are more than
 * int(rate * classes); here the number of rows is part of the graph, and negatives fill it.
 */
export function sampledCentreCount(classes: number, rate: number, imagesPerUpdate: number): number {
  return Math.min(classes, Math.max(Math.floor(rate * classes), imagesPerUpdate))
}

/** The update whose centres are drawn: a step, or several whose gradients are added up. */
export interface CentreDraw {
  seed: number
  /** Updates before it. */
  step: number
  classes: number
  /** Centres in all, positives included; at least as many as there are different labels. */
  count: number
  /** Labels of every image of the update, in [0, classes); they may repeat. */
  labels: Iterable<number>
}

/**
 * The class centres of one update of PartialFC (An et al., arXiv 2203.15565): those of its own labels, and
 * negatives drawn without replacement, each set of them equally likely. A function of its arguments alone. int32
 * [count], ascending. Takes time in proportion to `classes`, with a small factor: a few milliseconds for a million.
 */
export function sampleCentres({ seed, step, classes, count, labels }: CentreDraw): Int32Array {
  const random = new Random(seed, NEGATIVES, step)
  const marks = new Uint8Array(classes)
  let positives = 0
  for (const label of labels) {
    if (marks[label] === TAKEN) continue
    marks[label] = TAKEN
    positives++
  }
  const negatives = count - positives
  const others = classes - count
  const centres = new Int32Array(count)
  let position = 0
  // Whichever is fewer is drawn, the negatives or the classes left out: so that few draws hit a class twice.
  if (negatives <= others) {
    mark(marks, random, negatives, TAKEN)
    for (let label = 0; label < classes; label++) if (marks[label] === TAKEN) centres[position++] = label
  } else {
    mark(marks, random, others, LEFT_OUT)
    for (let label = 0; label < classes; label++) if (marks[label] !== LEFT_OUT) centres[position++] = label
  }
  return centres
}

/** Gives `value` to so many classes without a mark. */
function mark(marks: Uint8Array, random: Random, count: number, value: number): void {
  for (let marked = 0; marked < count; ) {
    const label = random.integer(marks.length)
    if (marks[label] !== 0) continue
    marks[label] = value
    marked++
  }
}
