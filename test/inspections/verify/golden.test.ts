import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { silentLog, silentProgress } from '../../../src/progress/progress.js'
import { loadStage } from '../../../src/stages/registry.js'
import { testData } from '../../oracles/data.js'
import { temporaryFolder } from '../../temporary-folder.js'
import { faultsOf } from './damage.js'

const data = testData() ?? ''
const golden = join(data, 'golden')

describe.skipIf(testData() === undefined)('files that other tools wrote (needs ../shared/data)', () => {
  it.each([
    ['im2rec_celeb5_pass', 88, 5],
    ['im2rec_celeb5_q95', 88, 5],
    ['insightface_kzval', 229, 25],
    ['wild_adaface', 8, 2],
    ['wild_im2rec', 229, 25],
  ])('%s has no fault, every image decoded', async (name, images, identities) => {
    const { faults, found } = await faultsOf(join(golden, name), { decode: true, jobs: 2 })
    expect(faults).toEqual([])
    expect(found).toMatchObject({ images, identities, decoded: images })
  })

  it('edge/hdr has labels that are no identity numbers, and ids that are not its keys', async () => {
    const { faults, found } = await faultsOf(join(golden, 'edge/hdr.rec'))
    expect(faults).toMatchObject([
      { kind: 'label', record: 20, actual: '-1' },
      { kind: 'label', record: 30, actual: '0.5' },
    ])
    expect(found.notChecked[0]).toContain('ids in the headers')
  })

  it('edge/raw_magic holds records of several parts, none of which is an image', async () => {
    const { faults, found } = await faultsOf(join(golden, 'edge/raw_magic.rec'))
    expect(found).toMatchObject({ records: 19, images: 0 })
    expect(new Set(faults.map(({ problem }) => problem.replace(/\d+ labels/, 'N labels')))).toEqual(
      new Set(['the record is too short for an image header', 'the record is too short for its N labels']),
    )
    expect(faults).toHaveLength(19)
  })

  it('trouble, packed with --pass-through, has six images that cannot be decoded', async () => {
    const folder = temporaryFolder()
    await symlink(join(data, 'trouble'), join(folder, 'trouble'))
    const pack = await loadStage('pack')
    const output = join(folder, 'packed')
    await runStage(pack, pack.options.parse({ inputs: [folder], output, 'pass-through': true }), {
      jobs: 2,
      strict: false,
      replace: false,
      log: silentLog,
      progress: silentProgress,
      signal: new AbortController().signal,
    })
    expect((await faultsOf(output)).faults).toEqual([])
    const { faults, found } = await faultsOf(output, { decode: true, jobs: 2 })
    expect(found.decoded).toBe(24)
    expect(faults.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'decode'))
    const reasons = faults.map(({ problem }) =>
      problem.replace(/^the image cannot be decoded: (.*?)[:;].*$/, '$1'),
    )
    expect(reasons.sort()).toEqual([
      'the JPEG has no end marker',
      'the JPEG has no end marker',
      'the JPEG has no end marker',
      'the PNG has no end chunk',
      'the image is too large to decode',
      'the image is too large to decode',
    ])
  })
})
