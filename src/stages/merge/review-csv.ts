import { formatCsvRow, parseCsv } from '../../csv/index.js'
import { InputError } from '../../errors/index.js'
import {
  type IdentityMatch,
  type IdentityPlace,
  isBefore,
  type MatchAction,
  matchActions,
} from '../../identities/index.js'
import { readWholeFile } from '../../io/index.js'

/** What a review names identities by. */
export interface NamedInput {
  dataset: string
  /** By label. */
  names: (string | undefined)[]
  images: ArrayLike<number>
}

const sideColumns = (side: 'a' | 'b') =>
  ['dataset', 'label', 'name', 'images'].map((column) => `${side}_${column}`)

/** `action` is what is edited. */
const columns = ['action', 'score', 'reason', ...sideColumns('a'), ...sideColumns('b')]

/** The matches for a spreadsheet, in their order; to be edited and given back as MAP.csv. */
export function formatReviewCsv(matches: IdentityMatch[], inputs: NamedInput[]): string {
  const side = ({ input, label }: IdentityPlace) => {
    const { dataset, names, images } = inputs[input]!
    return [dataset, label, names[label], images[label]]
  }
  const rows = matches.map(({ a, b, score, action, reason }) =>
    formatCsvRow([action, score?.toFixed(4), reason, ...side(a), ...side(b)]),
  )
  return formatCsvRow(columns) + rows.join('')
}

/**
 * Reads a review, or a map of one's own. Needed are a_dataset and b_dataset, and label or name of each side; a row
 * without an action has `fallback`. @throws InputError for a row that names no identity, or not one alone
 */
export async function readReviewCsv(
  path: string,
  inputs: NamedInput[],
  fallback: MatchAction,
): Promise<IdentityMatch[]> {
  const [header, ...rows] = parseCsv((await readWholeFile(path)).toString('utf8'), path)
  const found = header?.fields.map((field) => field.trim()) ?? []
  const missing = ['a_dataset', 'b_dataset'].filter((column) => !found.includes(column))
  if (missing.length > 0) {
    throw new InputError({
      file: path,
      line: 1,
      problem: 'is not a map of identities',
      expected: 'the columns a_dataset and b_dataset, and a_label and b_label or a_name and b_name',
      actual: found.join(', ') || 'an empty file',
      fix: 'Make one with facedata merge --identities by-embedding --dry-run.',
    })
  }
  const labels = inputs.map(({ names }) => labelsByName(names))
  return rows.map(({ line, fields }) => {
    const field = (column: string) => fields[found.indexOf(column)]?.trim() ?? ''
    const place = (side: string) => {
      const [dataset, label, name] = ['dataset', 'label', 'name'].map((column) => field(`${side}_${column}`))
      return findPlace({ dataset: dataset!, label: label!, name: name! }, inputs, labels, { path, line })
    }
    const sides = [place('a'), place('b')] as const
    const [a, b] = isBefore(sides[0], sides[1]) ? sides : [sides[1], sides[0]]
    if (!isBefore(a, b)) throw atLine({ path, line }, 'names the same identity twice')
    const score = field('score') === '' ? {} : { score: Number(field('score')) }
    return { a, b, ...score, action: actionOf(field('action'), fallback, { path, line }), reason: 'the map' }
  })
}

interface Line {
  path: string
  line: number
}

function actionOf(text: string, fallback: MatchAction, place: Line): MatchAction {
  if (text === '') return fallback
  const action = matchActions.find((name) => name === text.toLowerCase())
  if (action === undefined) throw atLine(place, 'has no such action', matchActions.join(', '), text)
  return action
}

function findPlace(
  { dataset, label, name }: { dataset: string; label: string; name: string },
  inputs: NamedInput[],
  labels: Map<string, number[]>[],
  place: Line,
): IdentityPlace {
  const input = inputs.findIndex((one) => one.dataset === dataset)
  if (input === -1) {
    throw atLine(
      place,
      'names a dataset that is not merged',
      inputs.map((one) => one.dataset).join(', '),
      dataset,
    )
  }
  const { names } = inputs[input]!
  if (label === '') {
    const found = labels[input]!.get(name) ?? []
    if (found.length === 1) return { input, label: found[0]! }
    const actual = found.length === 0 ? `none is named "${name}"` : `${found.length} are named "${name}"`
    throw atLine(place, `does not name one identity of ${dataset}`, 'a label, or the name of one', actual)
  }
  const number = Number(label)
  if (!Number.isInteger(number) || number < 0 || number >= names.length)
    throw atLine(place, `names no label of ${dataset}`, `0 to ${names.length - 1}`, label)
  if (name !== '' && name !== names[number]?.trim()) {
    throw atLine(place, `is of another ${dataset}`, `label ${label} is "${names[number] ?? ''}"`, `"${name}"`)
  }
  return { input, label: number }
}

/** Without spaces around them, as fields are read. */
function labelsByName(names: (string | undefined)[]): Map<string, number[]> {
  const labels = new Map<string, number[]>()
  for (const [label, name] of names.entries()) {
    const key = name?.trim()
    if (key !== undefined) labels.set(key, [...(labels.get(key) ?? []), label])
  }
  return labels
}

function atLine({ path, line }: Line, problem: string, expected?: string, actual?: string): InputError {
  return new InputError({
    file: path,
    line,
    problem: `the row ${problem}`,
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
  })
}
