import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type IdentityMatch, matchActions } from '../../../src/identities/index.js'
import { formatReviewCsv, type NamedInput, readReviewCsv } from '../../../src/stages/merge/review-csv.js'
import { temporaryFolder } from '../../temporary-folder.js'

const path = join(temporaryFolder(), 'matches.csv')
const input = (dataset: string, names: (string | undefined)[]): NamedInput => {
  return { dataset, names, images: names.map(() => 3) }
}

describe('the review of a merge', () => {
  it('is read as it was written, whatever the names', async () => {
    const letter = fc.constantFrom('a', 'é', ' ', '\t', '"', ',', ';', '\n', '\r', '\uFEFF', '\u00A0', '=')
    const name = fc.option(fc.string({ unit: letter, maxLength: 4 }), { nil: undefined })
    const names = fc.array(name, { minLength: 1, maxLength: 4 })
    const match = fc.record({
      labels: fc.tuple(fc.nat(3), fc.nat(3)),
      action: fc.constantFrom(...matchActions),
      score: fc.option(
        fc.nat(10_000).map((value) => value / 10_000),
        { nil: undefined },
      ),
    })
    await fc.assert(
      fc.asyncProperty(names, names, fc.array(match), async (first, second, rows) => {
        const inputs = [input('umd', first), input('ms1m', second)]
        const matches = rows.map(({ labels: [a, b], action, score }): IdentityMatch => {
          const places = {
            a: { input: 0, label: a % first.length },
            b: { input: 1, label: b % second.length },
          }
          return { ...places, ...(score !== undefined && { score }), action, reason: 'the map' }
        })
        writeFileSync(path, formatReviewCsv(matches, inputs))
        expect(await readReviewCsv(path, inputs, 'merge')).toEqual(matches)
      }),
    )
  })

  it('may name identities by their names alone, with spaces around them or without', async () => {
    const inputs = [input('umd', ['bob', ' ann ']), input('ms1m', ['ann', 'ann '])]
    const read = (a: string, b: string) => {
      writeFileSync(path, `a_dataset,a_name,b_dataset,b_name\numd,${a},${b}\n`)
      return readReviewCsv(path, inputs, 'drop')
    }
    expect(await read('ann', 'umd, bob')).toMatchObject([
      { a: { input: 0, label: 0 }, b: { input: 0, label: 1 }, action: 'drop' },
    ])
    await expect(read('bob', 'ms1m,ann')).rejects.toThrow(
      /line 2: the row does not name one identity of ms1m.*2 are named "ann"/,
    )
    await expect(read('bob', 'umd,bob')).rejects.toThrow('names the same identity twice')
  })
})
