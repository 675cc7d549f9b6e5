import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { oracle } from '../oracles/python.js'
import { temporaryFolder } from '../temporary-folder.js'
import { publishTiny } from './make-dataset.js'
import { readOurselves, readWithMxnet } from './mxnet.js'

const datasets = join(temporaryFolder(), 'datasets')
const people = { ann: 3, bob: 0, cleo: 40, dan: 1 }

describe.skipIf(oracle('mxnet') === undefined)('MXNet (needs its oracle)', () => {
  it.each(['insightface', 'im2rec'] as const)(
    'reads every record of the %s dialect as we do',
    async (dialect) => {
      const folder = await publishTiny(datasets, dialect, people, { dialect })
      const ours = await readOurselves(folder)
      expect(ours.images.length).toBe(44)
      expect(Object.keys(ours.ranges).length).toBe(dialect === 'insightface' ? 4 : 0)
      expect(await readWithMxnet(folder)).toEqual(ours)
    },
  )
})
