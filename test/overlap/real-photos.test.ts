import { readdirSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Overlap } from '../../src/overlap/overlap.js'
import { localRun } from '../cluster/local-run.js'
import { testData } from '../oracles/data.js'
import { temporaryFolder } from '../temporary-folder.js'

const data = testData() ?? ''

/** Others of the larger set beside those of one name: enough for somebody to be mistaken for. */
const OTHERS = 20

describe.skipIf(data === '')('overlap of real photos (needs ../shared/data)', () => {
  it('is two people, who have one name but for its case, and no image', async () => {
    const datasets = temporaryFolder()
    const [small, large] = [join(data, 'celeb5', 'aligned'), join(data, 'lfw')]
    const names = new Set(readdirSync(small).map((name) => name.toLowerCase()))
    const people = readdirSync(large).sort()
    const named = people.filter((name) => names.has(name.toLowerCase()))
    const others = people.filter((name) => !names.has(name.toLowerCase())).slice(0, OTHERS)
    const folder = join(datasets, 'some')
    await mkdir(folder)
    for (const name of [...named, ...others]) await symlink(join(large, name), join(folder, name))
    const found = await Overlap.find(small, folder, {
      ...localRun(),
      datasets,
      model: {
        path: join(data, 'models', 'mobilefacenet_192.onnx'),
        options: { color: undefined, mean: undefined, std: undefined, provider: 'cpu' },
      },
    })
    expect(found.counts).toMatchObject({
      images: { a: 0, b: 0, distinct: 0 },
      people: { count: 2, name: 2, embedding: 2 },
    })
    for (const { cosine } of found.people) expect(cosine).toBeGreaterThan(0.75)
  })
})
