import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishTiny, writeForeign } from '../dataset/make-dataset.js'
import { aligned } from '../stages/pack/packing.js'
import { facedata } from './command-line.js'
import { memoryFolder } from './memory-folder.js'
import { leftovers, wholeFingerprint } from './published.js'

const folder = memoryFolder()
const datasets = join(folder, 'datasets')
const photos = join(folder, 'photos')
const rubbish = join(folder, 'rubbish')
for (const root of [photos, rubbish]) mkdirSync(join(root, 'Ann'), { recursive: true })
for (const number of [1, 2]) {
  writeFileSync(join(photos, 'Ann', `Ann_000${number}.jpg`), await aligned(80 + number))
  writeFileSync(join(rubbish, 'Ann', `Ann_000${number}.jpg`), 'no image')
}
writeFileSync(join(photos, 'Ann', 'Ann_0003.jpg'), 'no image')
writeFileSync(join(folder, 'some.txt'), 'Ann 1 2\nAnn 1 3\nAnn 2 4\n')
writeFileSync(join(folder, 'missing.txt'), 'Ann 4 5\nBob 1 Eve 1\n')
writeFileSync(join(folder, 'unreadable.txt'), 'Ann 1 2\n')

await publishTiny(datasets, 'umd', { ann: 2 })
const foreign = join(datasets, 'foreign')
mkdirSync(foreign)
const bytes = Buffer.from('image')
await writeForeign(
  join(foreign, 'train'),
  [0, 1, 2].map((key) => ({ key, labels: [0], bytes })),
)
// The last record is not in the index: merge leaves it out.
const index = readFileSync(join(foreign, 'train.idx'), 'utf8').split('\n')
writeFileSync(join(foreign, 'train.idx'), `${index.slice(0, 2).join('\n')}\n`)
writeFileSync(join(foreign, 'property'), '1,112,112')

const packed = join(datasets, 'packed')
const merged = join(datasets, 'merged')
const bin = join(folder, 'pairs.bin')
const ofList = (list: string, images: string) => [
  'bins',
  '--pairs',
  join(folder, list),
  '--images',
  images,
  '-o',
  bin,
]

/** Commands that skip something, those that skip everything among them, and what they say of it. */
const commands: [string, string[], RegExp][] = [
  [
    'pack of some broken photos',
    ['pack', photos, '--size', '16', '-o', packed],
    /1 skipped, and --strict was given: nothing is published/,
  ],
  [
    'pack of broken photos alone',
    ['pack', rubbish, '--size', '16', '-o', packed],
    /2 skipped, and --strict was given: nothing is published/,
  ],
  [
    'merge of records without index',
    ['merge', 'umd', 'foreign', '--datasets', datasets, '-o', merged],
    /1 skipped, and --strict was given: nothing is published/,
  ],
  [
    'bins of some missing photos',
    ofList('some.txt', photos),
    /2 of 3 pairs skipped, and --strict was given: nothing is published/,
  ],
  [
    'bins of missing photos alone',
    ofList('missing.txt', photos),
    /2 of 2 pairs skipped, and --strict was given: nothing is published/,
  ],
  [
    'bins of broken photos alone',
    ofList('unreadable.txt', rubbish),
    /1 of 1 pairs skipped, and --strict was given: nothing is published/,
  ],
]

describe('--strict, where something is skipped', () => {
  it.each(commands)('stops %s with exit code 5, and publishes nothing', async (_, words, message) => {
    const output = words.at(-1)!
    const ended = await facedata([...words, '--strict'])
    expect(ended).toMatchObject({ code: 5, stdout: '' })
    expect(ended.stderr).toMatch(message)
    expect(existsSync(output)).toBe(false)
  })

  it.each(commands)('leaves the earlier output of %s as it was', async (name, words) => {
    const output = words.at(-1)!
    if (output === bin) writeFileSync(bin, 'earlier')
    else await publishTiny(datasets, name.startsWith('pack') ? 'packed' : 'merged', { old: 1 })
    const before = output === bin ? '' : await wholeFingerprint(output)
    expect(await facedata([...words, '--strict', '--replace'])).toMatchObject({ code: 5 })
    if (output === bin) expect(readFileSync(bin, 'utf8')).toBe('earlier')
    else {
      expect(await wholeFingerprint(output)).toBe(before)
      expect(leftovers(output).filter((left) => left.endsWith('.tmp'))).toEqual([])
    }
  })
})

describe('without --strict, where everything is skipped', () => {
  it.each([commands[1]!, commands[4]!, commands[5]!])(
    '%s is bad input: exit code 3, and nothing is published',
    async (_, words) => {
      const output = join(folder, 'nothing.bin')
      const ended = await facedata([...words.slice(0, -1), output])
      expect(ended).toMatchObject({ code: 3, stdout: '' })
      expect(existsSync(output)).toBe(false)
    },
  )
})
