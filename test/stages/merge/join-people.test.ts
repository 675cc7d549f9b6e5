import { describe, expect, it } from 'vitest'
import type { Identity } from '../../../src/dataset/index.js'
import type { IdentityMatch, MatchAction } from '../../../src/identities/index.js'
import type { LeavingReason } from '../../../src/stages/leaving/people-to-leave.js'
import { joinPeople } from '../../../src/stages/merge/join-people.js'

const sources = [{ name: 'umd' }, { name: 'ms1m' }, { name: 'vgg' }]
const person = (source: number, sourceLabel: number, name: string): Identity => {
  return { name, source, sourceName: name, sourceLabel }
}
const found = [
  [person(0, 0, 'ann'), person(0, 1, 'bob')],
  [person(1, 0, 'Ann'), person(1, 1, 'cleo')],
  [person(2, 0, 'ANN')],
]
type Place = [input: number, label: number]
const match = (a: Place, b: Place, action: MatchAction): IdentityMatch => ({
  a: { input: a[0], label: a[1] },
  b: { input: b[0], label: b[1] },
  action,
  reason: '',
})
const removed: LeavingReason = { action: 'drop', reason: 'removed by name', unnamed: true }
const nobody = () => found.map(() => new Map<number, LeavingReason>())
const join = (matches: IdentityMatch[], leaving = nobody()) => {
  const { people, personOf, reasons } = joinPeople(found, sources, leaving, matches)
  return { people, personOf: personOf.map((own) => [...own]), reasons: reasons.map((own) => [...own]) }
}

describe('people of several datasets', () => {
  it('are joined over others, with the first one’s name and the others in its lineage', () => {
    const { people, personOf } = join([match([1, 0], [2, 0], 'merge'), match([0, 0], [1, 0], 'merge')])
    expect(personOf).toEqual([[0, 1], [0, 2], [0]])
    expect(people[0]).toEqual({
      ...person(0, 0, 'ann'),
      joined: [
        { source: 1, name: 'Ann', label: 0 },
        { source: 2, name: 'ANN', label: 0 },
      ],
    })
    expect(people.slice(1)).toEqual([person(0, 1, 'bob'), person(1, 1, 'cleo')])
  })

  it('are left out with the reason where the later one is dropped, and both stay with keep', () => {
    const { people, personOf, reasons } = join([
      match([0, 0], [1, 0], 'drop'),
      match([0, 1], [1, 1], 'keep'),
      match([1, 0], [2, 0], 'drop'),
    ])
    expect(people.map(({ name }) => name)).toEqual(['ann', 'bob', 'cleo'])
    expect(personOf).toEqual([[0, 1], [-1, 2], [-1]])
    expect(reasons.map((own) => own.map(([label, { reason }]) => [label, reason]))).toEqual([
      [],
      [[0, 'the same person as "ann" of umd']],
      [[0, 'the same person as "Ann" of ms1m']],
    ])
  })

  it.each(['merge', 'drop'] as const)(
    'who leave do so for their own reason, whomever they match, and nobody with them: %s',
    (action) => {
      const leaving = nobody()
      leaving[1]!.set(0, removed)
      const { personOf, reasons } = join(
        [match([0, 0], [1, 0], action), match([1, 0], [2, 0], action)],
        leaving,
      )
      expect(personOf).toEqual([[0, 1], [-1, 2], [3]])
      expect(reasons).toEqual([[], [[0, removed]], []])
    },
  )
})
