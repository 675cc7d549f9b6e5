import { expect, it } from 'vitest'
import { emptyIdentity } from '../../src/stages/kept-labels.js'

it('a label whose people left keeps its name, and its source where that is still one', () => {
  const kept = { label: 4, name: 'ann', source: 'umd', sourceName: 'Ann', sourceLabel: 7 }
  expect(emptyIdentity(kept, [{ name: 'ms1m' }, { name: 'umd' }])).toEqual({
    ...{ name: 'ann', source: 1, sourceName: 'Ann', sourceLabel: 7 },
  })
  const gone = { name: 'ann', source: 0, sourceName: undefined, sourceLabel: -1 }
  expect(emptyIdentity(kept, [{ name: 'ms1m' }])).toEqual(gone)
  expect(emptyIdentity({ label: 4, name: 'ann', sourceLabel: -1 }, [{ name: 'ms1m' }])).toEqual(gone)
})
