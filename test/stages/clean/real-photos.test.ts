import { readdirSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { parseCsv } from '../../../src/csv/index.js'
import { hashToHex, xxh64 } from '../../../src/hash/xxh64.js'
import { readWholeFile } from '../../../src/io/index.js'
import { bins } from '../../../src/stages/bins/bins.js'
import { clean } from '../../../src/stages/clean/clean.js'
import { pack } from '../../../src/stages/pack/pack.js'
import type { AnyStage } from '../../../src/stages/stage.js'
import { localRun } from '../../cluster/local-run.js'
import { testData } from '../../oracles/data.js'
import { temporaryFolder } from '../../temporary-folder.js'

const data = testData() ?? ''

/** A set of 25 people with noise, of whom this one, in the order of names, has three wrong photos. */
const NOISY_PERSON = 21

/** xxHash64 of the file names of those. */
const WRONG_PHOTOS = new Set(['eb2dd84ba60e8936', '44592e531db92ca4', '2e0d6663166f6a00'])

function run<Result>(stage: AnyStage, given: Record<string, unknown>): Promise<Result> {
  return runStage(stage, stage.options.parse(given), localRun({ jobs: 2 })) as Promise<Result>
}

/** A folder of links to some people's folders. */
async function linked(folder: string, from: string, people: string[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const person of people) await symlink(join(from, person), join(folder, person))
  return folder
}

const peopleIn = (folder: string) => readdirSync(folder).sort()

describe.skipIf(data === '')('clean on real photos (needs ../shared/data)', async () => {
  const datasets = temporaryFolder()
  const kz = join(data, 'kz', 'images')
  const model = join(data, 'models', 'mobilefacenet_192.onnx')

  it('counts the byte-identical images of a set', async () => {
    await run(pack, { inputs: [kz], output: 'kz', datasets })
    const rules = 'undecodable,byte-identical,near-duplicate,small,blurred,dark'
    const result = await run<{ found: object; listed: number }>(clean, {
      dataset: 'kz',
      datasets,
      'dry-run': true,
      report: join(datasets, 'kz-report'),
      rules,
    })
    expect(result.found).toEqual({
      undecodable: 0,
      'byte-identical': 7,
      'near-duplicate': 8,
      small: 0,
      blurred: 4,
      dark: 4,
    })
  })

  it('lists the wrong photos of a person before any right one', async () => {
    const folder = await linked(join(datasets, 'photos-of-one'), kz, [peopleIn(kz)[NOISY_PERSON]!])
    await run(pack, { inputs: [folder], output: 'one', datasets })
    const report = join(datasets, 'one-report')
    await run(clean, { dataset: 'one', datasets, 'dry-run': true, report, model })
    const text = (await readWholeFile(join(report, 'report.csv'))).toString('utf8')
    const [header, ...rows] = parseCsv(text, 'report.csv')
    const path = header!.fields.indexOf('path')
    const files = rows.map(({ fields }) => fields[path]!.split('/').at(-1)!)
    const hashes = files.map((file) => hashToHex(xxh64(Buffer.from(file))))
    expect(new Set(hashes.slice(0, 3))).toEqual(WRONG_PHOTOS)
    expect(rows.length).toBeLessThan(0.15 * 80)
  })

  it('leaves out the people of a bin, and nobody else', async () => {
    const lfw = join(data, 'lfw')
    const folder = await linked(join(datasets, 'photos-of-some'), lfw, peopleIn(lfw).slice(0, 14))
    await run(pack, { inputs: [folder], output: 'some', datasets })
    const output = join(datasets, 'some.bin')
    await run(bins, { from: 'some', datasets, output, 'pairs-per-fold': 2, folds: 2 })
    const { pairs } = JSON.parse((await readWholeFile(`${output}.json`)).toString('utf8')) as {
      pairs: { images: string[] }[]
    }
    const people = new Set(pairs.flatMap(({ images }) => images.map((image) => image.split('/').at(-2))))
    const result = await run<{ leaving: { excluded: { name: string }[] } }>(clean, {
      dataset: 'some',
      datasets,
      exclude: [output],
      model,
    })
    expect(new Set(result.leaving.excluded.map(({ name }) => name))).toEqual(people)
  })
})
