import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Dataset, describedImages } from '../../src/dataset/index.js'
import { testData } from '../oracles/data.js'

const golden = join(testData() ?? '', 'golden')

describe.skipIf(testData() === undefined)('datasets of other tools (needs ../shared/data)', () => {
  it.each([
    ['insightface_kzval', 'insightface', 229, 25, 112],
    ['im2rec_celeb5_pass', 'im2rec', 88, 5, 150],
    ['im2rec_celeb5_q95', 'im2rec', 88, 5, 150],
    ['wild_im2rec', 'im2rec', 229, 25, 112],
    ['wild_adaface', 'im2rec', 8, 2, 112],
  ] as const)('%s: %s, %i images of %i identities', async (name, dialect, images, identities, size) => {
    const dataset = await Dataset.open(join(golden, name))
    expect(dataset).toMatchObject({
      name,
      dialect,
      imageCount: images,
      identityCount: identities,
      height: size,
      width: size,
      description: undefined,
    })
    const { names } = await dataset.identities()
    const keys = new Set<number>()
    for await (const image of describedImages(dataset)) {
      keys.add(image.key)
      // The folder in the list is the person whose label the record has: list and records were matched by key.
      expect(image.path.split('/').at(-2)).toBe(names[image.label])
      expect(image).toMatchObject({ format: 'jpeg', width: size, height: size })
    }
    expect(keys.size).toBe(images)
    expect(dataset.unindexedRecords).toEqual([])
    await dataset.close()
  })

  it("insightface_kzval keeps its packer's second label", async () => {
    const dataset = await Dataset.open(join(golden, 'insightface_kzval'))
    for await (const { extraLabels } of dataset.images()) expect([...extraLabels]).toEqual([1])
    const identities = await dataset.identities()
    expect([...identities.images.subarray(0, 4)]).toEqual([9, 8, 8, 10])
    expect([...identities.firstKeys.subarray(0, 4)]).toEqual([1, 10, 18, 26])
    await dataset.close()
  })
})
