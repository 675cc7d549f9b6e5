import { chartFigure, drawFlow, type FlowNode } from '../charts/index.js'
import type { Source } from '../dataset/index.js'
import { count, type Markup, percent } from '../pages/index.js'
import type { DatasetFacts } from './dataset-facts.js'

/** Where the images of a dataset came from: a picture of what flowed into what, and a table with terms of use. */
export function lineageFigure(facts: DatasetFacts, id: string): Markup {
  const { name, sources, tally } = facts
  const title = 'Sources'
  const description =
    sources.length === 0
      ? 'Nothing is written down about where the images came from.'
      : 'What the dataset was made from, from left to right; streams are as wide as their part of the images.'
  return chartFigure({
    id,
    title,
    description,
    kind: 'flow',
    drawing:
      sources.length === 0
        ? undefined
        : drawFlow(flowOf(facts), { id, title: `Sources of ${name}`, description }),
    table: {
      caption: `Sources of ${name}`,
      columns: [
        { title: 'Source' },
        { title: 'Kind' },
        { title: 'Images', numeric: true },
        { title: 'Licence' },
        { title: 'Origin' },
        { title: 'Fingerprint' },
      ],
      rows: sources.flatMap((source, i) => rowsOf(source, tally?.bySource[i], 0)),
    },
  })
}

function flowOf({ name, images, sources, tally, description }: DatasetFacts): FlowNode {
  return {
    title: name,
    lines: [`${count(images)} images`, ...(description === undefined ? [] : [`by ${description.stage}`])],
    part: 1,
    from: sources.map((source, i) =>
      nodeOf(source, tally && { images: tally.bySource[i] ?? 0, all: tally.images }),
    ),
  }
}

function nodeOf(
  { kind, name, licence, origin, sources = [] }: Source,
  share?: { images: number; all: number },
): FlowNode {
  const part = share && (share.all === 0 ? 0 : share.images / share.all)
  // Of one source the images are all its own; how several share them, the dataset does not say.
  const passed = sources.length === 1 ? share : undefined
  return {
    title: name,
    lines: [
      share === undefined ? kind : `${kind}, ${count(share.images)} images, ${percent(part ?? 0, 0)}`,
      ...(licence === undefined ? [] : [`licence: ${licence}`]),
      ...(origin === undefined ? [] : [`origin: ${origin}`]),
    ],
    part,
    from: sources.map((source) => nodeOf(source, passed)),
  }
}

function rowsOf(source: Source, images: number | undefined, depth: number): (string | undefined)[][] {
  const { kind, name, licence, origin, fingerprint, sources = [] } = source
  return [
    [
      `${'↳ '.repeat(depth)}${name}`,
      kind,
      images === undefined ? 'not known' : count(images),
      licence ?? 'not stated',
      origin ?? 'not stated',
      fingerprint ?? '',
    ],
    ...sources.flatMap((inner) => rowsOf(inner, sources.length === 1 ? images : undefined, depth + 1)),
  ]
}
