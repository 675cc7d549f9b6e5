import { cp, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { InputError, UsageError } from '../../src/errors/index.js'
import { describeHandoff } from '../../src/handoff/describe-handoff.js'
import { type HandoffOptions, handoff } from '../../src/handoff/handoff.js'
import { shuffle } from '../../src/stages/shuffle/shuffle.js'
import { localRun } from '../cluster/local-run.js'
import { testData } from '../oracles/data.js'
import { oracle, runOracle } from '../oracles/python.js'
import { writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'

const fixtures = resolve(import.meta.dirname, '../../fixtures/configs')
const tiny = { identities: 3, imagesEach: 4, size: 112 }
const YAML = 'dataset: tiny\nnetwork: r50\nbatch_size: 4\nval_targets: [lfw]\n'

let folder: string
let datasets: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'facedata-handoff-')))
  datasets = join(folder, 'datasets')
  await writeTinyDataset(join(datasets, 'tiny'), tiny)
  await writeTinyBin(join(folder, 'lfw.bin'), tiny, 4)
  await runStage(shuffle, { dataset: 'tiny', output: 'mixed', datasets, seed: 1 }, localRun({}))
})
afterAll(() => rm(folder, { recursive: true }))

let count = 0
/** Hands a config over to a folder of its own, unless one is named. */
async function given(text: string, options: HandoffOptions & { name?: string } = {}) {
  const { name = 'tiny.yaml', ...others } = options
  const path = join(folder, name)
  await writeFile(path, text)
  return handoff(path, { output: join(folder, `out-${count++}`), datasets, ...others })
}

/** `config.KEY = VALUE` as written. */
async function written(config: string): Promise<Record<string, string>> {
  const text = await readFile(config, 'utf8')
  return Object.fromEntries(
    [...text.matchAll(/^config\.(\w+) = (.*)$/gm)].map(([, key, value]) => [key, value]),
  )
}

describe('handoff', () => {
  it("writes a config with the dataset's own numbers and a folder in which upstream finds everything", async () => {
    const { config, rec, images, identities } = await given(YAML)
    expect([images, identities]).toEqual([12, 3])
    expect(await written(config)).toMatchObject({
      network: '"r50"',
      rec: `"${rec}"`,
      num_classes: '3',
      num_image: '12',
      val_targets: '["lfw"]',
      output: 'None',
      resume: 'False',
    })
    expect((await readdir(rec)).sort()).toEqual([
      '.facedata.json',
      'lfw.bin',
      'property',
      'train.idx',
      'train.rec',
    ])
    expect(await readlink(join(rec, 'lfw.bin'))).toBe(join(folder, 'lfw.bin'))
    expect(await readlink(join(rec, 'train.rec'))).toBe(await realpath(join(datasets, 'tiny', 'train.rec')))
  })

  it.skipIf(oracle('torch') === undefined)('is read by Python as it was meant', async () => {
    const { config, rec } = await given(`${YAML}margin_list: [1, 0, 0.4]\nlr: 1.0e-7\nsample_rate: 0.1\n`, {
      name: '2 tiny-"r50".v1.yaml',
    })
    const output = dirname(dirname(config))
    await cp(join(fixtures, 'base.py'), join(output, 'configs', 'base.py'))
    expect(
      JSON.parse(await runOracle('torch', 'arcface_config.py', output, 'c2_tiny__r50__v1')),
    ).toMatchObject({
      network: 'r50',
      margin_list: [1, 0, 0.4],
      lr: 1e-7,
      sample_rate: 0.1,
      batch_size: 4,
      rec,
      num_classes: 3,
      num_image: 12,
      output: 'work_dirs/c2_tiny__r50__v1',
      fp16: false,
      save_all_states: true,
      val_targets: ['lfw'],
    })
  })

  it("keeps what a Python config asks of upstream alone, and corrects its numbers with upstream's fate", async () => {
    const warnings: string[] = []
    const log = { info() {}, warn: (line: string) => void warnings.push(line) }
    const python = await readFile(join(fixtures, 'tiny_mbf.py'), 'utf8')
    const { config, lost } = await given(`${python}config.using_wandb = True\nconfig.resume = True\n`, {
      name: 'tiny_mbf.py',
      log,
    })
    expect(await written(config)).toMatchObject({
      fp16: 'True',
      save_all_states: 'False',
      dali: 'False',
      using_wandb: 'True',
      resume: 'True',
      output: '"work_dirs/tiny_mbf"',
      num_image: '12',
      num_classes: '3',
    })
    expect(lost).toEqual([expect.stringMatching(/^dali is off: DALI cannot read records of the insightface/)])
    expect(warnings).toEqual([
      expect.stringContaining('num_classes is 6 in the config and 3 in the dataset'),
      expect.stringMatching(/num_image is 6 .* would be 0 from step 2 of 6 on, in epoch 1 of 2$/),
    ])
  })

  it('says once of each key that upstream has no counterpart of it', async () => {
    const { lost } = await given(
      `${YAML}num_epoch: 4\nwarmup_epoch: 1\nmomentum: 0.8\nmax_steps: 10\nprovider: cpu\nmargin_gradient: exact\naugmentation: dali\n`,
    )
    expect(lost.map((sentence) => sentence.split(/ has no counterpart| is off|: /)[0]).sort()).toEqual([
      'augmentation',
      'dali',
      'margin_gradient',
      'max_steps',
      'momentum',
      'provider',
      'the first step of its warm-up is made at the full learning rate',
    ])
    expect((await given(YAML)).lost).toEqual([])
  })

  it('takes the im2rec dialect, of which DALI reads the records', async () => {
    const mixed = YAML.replace('tiny', 'mixed')
    const { config, lost, images } = await given(`${mixed}augmentation: dali\n`)
    expect(images).toBe(12)
    expect(lost).toEqual([])
    expect(await written(config)).toMatchObject({ dali: 'True', dali_aug: 'True' })
  })

  it.skipIf(testData() === undefined)('warns of images with several labels', async () => {
    const labelled = join(testData()!, 'golden', 'insightface_kzval')
    const { lost, images } = await given(`dataset: ${labelled}\nbatch_size: 4\n`)
    expect(images).toBe(229)
    expect(lost).toEqual([expect.stringMatching(/^images have several labels: Python 3.10 or later fails/)])
  })

  it.each([
    ['network: {name: mbf, blocks: [1, 1, 1, 1], scale: 1}', /networks by name alone/],
    ['margin_list: [1.1, 0.5, 0]', /no such margin/],
    ['head: {name: adaface}', /head adaface: arcface_torch has no such margin/],
    ['batch_size: 13', /12 images, less than one batch of batch_size 13/],
    ['val_targets: [cfp_fp]', /val_targets: there is no 'cfp_fp'/],
    ['lr: fast', /lr: expected a number/],
  ])('refuses %s', async (line, message) => {
    const key = line.split(':')[0]
    const text = YAML.split('\n').filter((other) => !other.startsWith(`${key}:`))
    const attempt = given([...text, line].join('\n'))
    await expect(attempt).rejects.toThrow(message)
    await expect(attempt).rejects.toBeInstanceOf(UsageError)
  })

  it('refuses images that are not 112x112, and a dataset without an index', async () => {
    await writeTinyDataset(join(datasets, 'small'), { ...tiny, size: 32 })
    await expect(given(YAML.replace('tiny', 'small'))).rejects.toThrow(/images are 32x32/)
    const bare = join(folder, 'bare')
    await mkdir(bare)
    await cp(join(datasets, 'tiny', 'train.rec'), join(bare, 'train.rec'))
    await expect(given(YAML.replace('tiny', bare))).rejects.toThrow(/no .idx file\. Make one with/)
  })

  it('refuses an index that does not fit the header record', async () => {
    const foreign = join(folder, 'foreign')
    await mkdir(foreign)
    for (const name of ['train.rec', 'property']) await cp(join(datasets, 'tiny', name), join(foreign, name))
    const index = await readFile(join(datasets, 'tiny', 'train.idx'), 'utf8')
    await writeFile(join(foreign, 'train.idx'), index.replace(/^5\t.*\n/m, ''))
    await expect(given(YAML.replace('tiny', foreign))).rejects.toBeInstanceOf(InputError)
    await writeFile(join(foreign, 'train.idx'), index)
    expect((await given(YAML.replace('tiny', foreign))).images).toBe(12)
  })

  it('refuses a label that has no identity', async () => {
    const crowded = join(folder, 'crowded')
    await mkdir(crowded)
    for (const name of ['train.rec', 'train.idx'])
      await cp(join(datasets, 'mixed', name), join(crowded, name))
    await writeFile(join(crowded, 'property'), '2,112,112\n')
    await expect(given(YAML.replace('tiny', crowded))).rejects.toThrow(
      /label has no identity.*less than 2.*found 2/,
    )
  })

  it('refuses a dataset without the record that upstream reads first', async () => {
    const headless = join(folder, 'headless')
    await mkdir(headless)
    for (const name of ['train.rec', 'property'])
      await cp(join(datasets, 'mixed', name), join(headless, name))
    const index = await readFile(join(datasets, 'mixed', 'train.idx'), 'utf8')
    await writeFile(join(headless, 'train.idx'), index.replace(/^0\t.*\n/m, ''))
    await expect(given(YAML.replace('tiny', headless))).rejects.toThrow(/train.idx: there is no record 0/)
  })

  it('writes over an earlier handoff with replace alone, and never over a config of others', async () => {
    const output = join(folder, 'clone')
    const others = join(output, 'data', 'tiny.tmp')
    await mkdir(others, { recursive: true })
    const first = await given(YAML, { output })
    await expect(given(YAML, { output })).rejects.toThrow(/exists. Choose another output, or give --replace/)
    await given(`${YAML}lr: 0.2\n`, { output, replace: true })
    expect((await written(first.config))['lr']).toBe('0.2')
    expect((await readdir(join(output, 'data'))).sort()).toEqual(['tiny', 'tiny.tmp'])
    await cp(join(fixtures, 'base.py'), join(output, 'configs', 'other.py'))
    await expect(given(YAML, { output, replace: true, name: 'other.yaml' })).rejects.toThrow(/never replaced/)
  })

  it('prints the commands, in a clone of upstream as they are', async () => {
    const output = join(folder, 'arcface_torch')
    await mkdir(output)
    await writeFile(join(output, 'train_v2.py'), '')
    const lines = describeHandoff(await given(YAML, { output }))
    expect(lines).toContain(`  cd ${output} && torchrun --nproc_per_node=gpu train_v2.py configs/tiny.py`)
    expect(lines.join('\n')).toMatch(
      /--nnodes=MACHINES --node_rank=RANK --rdzv_backend=static --rdzv_endpoint=/,
    )
    expect(lines.join('\n')).toContain('batch_size 4 is for each GPU there: 8 GPUs make steps of 32 images')
    expect(lines.join('\n')).toContain('PyTorch 1.12 to 2.6')
    const elsewhere = await given(YAML)
    expect(describeHandoff(elsewhere)).toContain(`  cp ${elsewhere.config} arcface_torch/configs/`)
  })
})
