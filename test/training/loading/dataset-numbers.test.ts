import { describe, expect, it } from 'vitest'
import { type TypedNumbers, warnOfTypedNumbers } from '../../../src/training/loading/dataset-numbers.js'

const umd = { classes: 8277, count: 367_888 }
const recipe = { batch_size: 128, num_epoch: 40, warmup_epoch: 0, lr: 0.1, upstream_warmup: false }

function warnings(numbers: Partial<TypedNumbers>): string[] {
  const said: string[] = []
  const log = { info() {}, warn: (message: string) => void said.push(message) }
  warnOfTypedNumbers({ ...recipe, ...numbers }, umd, log)
  return said
}

describe('numbers of a config that are not those of the dataset', () => {
  it('say nothing where they are, or are not there', () => {
    expect(warnings({})).toEqual([])
    expect(warnings({ num_classes: 8277, num_image: 367_888 })).toEqual([])
  })

  it('say at which step upstream would train no more', () => {
    expect(warnings({ num_image: 8277 })).toEqual([
      "num_image is 8277 in the config and 367888 in the dataset; the dataset's number is used: by the config's, " +
        "upstream's learning rate would be 0 from step 2560 of 114960 on, in epoch 1 of 40",
    ])
  })

  it('say with which learning rate upstream would end', () => {
    expect(warnings({ num_image: 735_776 })).toEqual([
      "num_image is 735776 in the config and 367888 in the dataset; the dataset's number is used: by the config's, " +
        "upstream's learning rate would end at 0.0500 and not at 0",
    ])
  })

  it('say what becomes of labels and class centres', () => {
    expect(warnings({ num_classes: 8000 })).toEqual([
      "num_classes is 8000 in the config and 8277 in the dataset; the dataset's number is used: by the config's, " +
        'labels from 8000 up would have no class centre',
    ])
    expect(warnings({ num_classes: 8300 })[0]).toContain('23 class centres would have no image')
  })
})
