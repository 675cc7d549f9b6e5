import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type RuleName, ruleNames } from '../curation/index.js'
import type { Dataset } from '../dataset/index.js'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'
import { Random } from '../random/random.js'
import { photoAt } from './contact-sheet.js'

/** Some images of which a rule of `clean` was the weightiest that found them. */
export interface RuleExamples {
  rule: RuleName
  /** All of them. */
  found: number
  /** The clearest first. */
  examples: FindingExample[]
}

export interface FindingExample extends NamedPhoto {
  value: number
  threshold: number | undefined
  /** The image that it is like, or of which it is not. */
  like: NamedPhoto | undefined
}

/** An image with its identity. */
export interface NamedPhoto {
  /** Empty where the identity has none. */
  name: string
  label: number
  /** Undefined where it cannot be read or decoded. */
  photo: Uint8Array | undefined
}

/** Of each rule. */
const MOST_EXAMPLES = 6

/** Stream of chance, beside those of the contact sheet. */
const EXAMPLES = 3

const imageSchema = z.object({ key: z.number(), label: z.number(), name: z.string() })

const rowSchema = imageSchema.extend({
  rank: z.number(),
  rule: z.enum(ruleNames),
  value: z.number(),
  threshold: z.number().optional(),
  like: imageSchema.optional(),
})

type Row = z.infer<typeof rowSchema>

/** Rows of a rule that are kept so far, of all that came. */
interface Drawn {
  found: number
  rows: Row[]
}

/**
 * Draws some images of each rule by the rows of a report of `clean --dry-run`, each as likely as any other of its rule, in
 * one pass and memory that does not grow. Of a dry run that found nothing the list is empty.
 * @param folder of the report, which is of this dataset
 * @param onFault is told of rows that are none, and of images that cannot be read
 * @throws InputError where the report or the dataset cannot be read
 */
export async function drawExamples(
  dataset: Dataset,
  folder: string,
  { seed, onFault }: { seed: number; onFault(fault: InputError): void },
): Promise<RuleExamples[]> {
  const drawn = await drawRows(join(folder, 'report.json'), seed, onFault)
  const rows = [...drawn.values()].flatMap((one) => one.rows)
  const positions = await positionsOf(
    dataset,
    new Set(rows.flatMap(({ key, like }) => (like === undefined ? [key] : [key, like.key]))),
  )
  const show = async ({ key, label, name }: z.infer<typeof imageSchema>): Promise<NamedPhoto> => {
    const position = positions.get(key)
    return {
      name,
      label,
      photo: position === undefined ? undefined : await photoAt(dataset, position, onFault),
    }
  }
  const all: RuleExamples[] = []
  for (const rule of ruleNames) {
    const { found, rows: chosen } = drawn.get(rule) ?? { found: 0, rows: [] }
    const examples: FindingExample[] = []
    for (const row of chosen.sort((a, b) => a.rank - b.rank)) {
      const like = row.like && (await show(row.like))
      examples.push({ ...(await show(row)), value: row.value, threshold: row.threshold, like })
    }
    if (found > 0) all.push({ rule, found, examples })
  }
  return all
}

/** Reads the rows, which stand one on a line behind the head of the report. */
async function drawRows(
  file: string,
  seed: number,
  onFault: (fault: InputError) => void,
): Promise<Map<RuleName, Drawn>> {
  const drawn = new Map<RuleName, Drawn>()
  const random = new Random(seed, EXAMPLES)
  let number = 0
  let inRows = false
  let told = false
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      number++
      if (!inRows) {
        inRows = line.startsWith('  "rows": [')
        continue
      }
      if (!line.startsWith('    ')) break
      const row = rowOf(line)
      if (row !== undefined) keep(drawn, row, random)
      else if (!told) {
        told = true
        onFault(new InputError({ file, line: number, problem: 'no row of a report of clean' }))
      }
    }
  } catch (error) {
    throw inputErrorFrom(error, file)
  }
  return drawn
}

function rowOf(line: string): Row | undefined {
  try {
    return rowSchema.parse(JSON.parse(line.replace(/,$/, '')))
  } catch {
    return undefined
  }
}

/** So that each row that came is kept with the same chance: Vitter's algorithm R. */
function keep(drawn: Map<RuleName, Drawn>, row: Row, random: Random): void {
  const known = drawn.get(row.rule) ?? { found: 0, rows: [] }
  drawn.set(row.rule, known)
  known.found++
  const place = known.rows.length < MOST_EXAMPLES ? known.rows.length : random.integer(known.found)
  if (place < MOST_EXAMPLES) known.rows[place] = row
}

async function positionsOf(dataset: Dataset, wanted: ReadonlySet<number>): Promise<Map<number, number>> {
  const positions = new Map<number, number>()
  if (wanted.size === 0) return positions
  const { keys } = await dataset.table()
  for (const [position, key] of keys.entries()) if (wanted.has(key)) positions.set(key, position)
  return positions
}
