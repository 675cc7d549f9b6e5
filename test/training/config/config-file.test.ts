import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import {
  augmentationSteps,
  formatConfig,
  loadConfig,
  parseSetting,
} from '../../../src/training/config/index.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-config-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function load(yaml: string, settings: string[] = []) {
  const path = join(folder, 'umd_mbf.yaml')
  await writeFile(path, yaml)
  return loadConfig(path, settings.map(parseSetting))
}

async function fault(yaml: string, settings: string[] = []): Promise<string> {
  const error = await load(yaml, settings).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UsageError)
  return (error as Error).message
}

describe('config', () => {
  it("has upstream's defaults", async () => {
    const { config, directory, notices } = await load('dataset: umd\n')
    expect(config).toEqual({
      dataset: 'umd',
      margin_list: [1, 0.5, 0],
      network: 'mbf',
      embedding_size: 512,
      sample_rate: 1,
      interclass_filtering_threshold: 0,
      optimizer: 'sgd',
      lr: 0.1,
      momentum: 0.9,
      weight_decay: 5e-4,
      batch_size: 128,
      gradient_acc: 1,
      num_epoch: 20,
      warmup_epoch: 0,
      verbose: 2000,
      frequent: 10,
      val_targets: [],
      fp16: false,
      seed: 2048,
      num_workers: 2,
      resume: false,
      output: join('runs', 'umd_mbf'),
      keep_checkpoints: 2,
      engine: 'auto',
      provider: 'auto',
      margin_gradient: 'straight-through',
      upstream_warmup: false,
      augmentation: 'flip',
    })
    expect(directory).toBe(folder)
    expect(notices).toEqual([])
  })

  it('reads rec for dataset, and only one of the two', async () => {
    expect((await load('rec: /train_tmp/umd\n')).config.dataset).toBe('/train_tmp/umd')
    expect(await fault('dataset: a\nrec: b\n')).toContain('line 2: rec and dataset are one key')
    expect(await fault('lr: 0.1\nrec: 3\n')).toContain('line 2: dataset: the name or path')
    expect((await load('rec: a\n', ['dataset=b'])).config.dataset).toBe('b')
    expect((await load('dataset: a\n', ['rec=b'])).config.dataset).toBe('b')
    expect((await load('rec: a\n', ['rec=b'])).config.dataset).toBe('b')
  })

  it('names the line of an unknown key and the nearest valid one', async () => {
    expect(await fault('dataset: umd\n\nbatchsize: 32\n')).toBe(
      `${join(folder, 'umd_mbf.yaml')}: line 3: unknown key 'batchsize'. The nearest valid key is 'batch_size'`,
    )
  })

  it('names the nearest valid key of an object inside', async () => {
    expect(await fault('dataset: umd\nnetwork:\n  name: mbf\n  block: [1, 1, 1, 1]\n')).toBe(
      `${join(folder, 'umd_mbf.yaml')}: line 4: unknown key 'network.block'. ` +
        "The nearest valid key is 'network.blocks'",
    )
    expect(await fault('dataset: umd\n', ['network.block=[1, 1, 1, 1]', 'network.name=mbf'])).toBe(
      "--set network.block=[1, 1, 1, 1]: unknown key 'network.block'. The nearest valid key is 'network.blocks'",
    )
  })

  it('takes an object for the form that it names', async () => {
    const network = async (yaml: string) =>
      (await fault(`dataset: umd\nnetwork: ${yaml}\n`)).split('line 2: ')[1]
    expect(await network('{name: r18, layer: [1, 1, 1, 1]}')).toBe(
      "unknown key 'network.layer'. The nearest valid key is 'network.layers'",
    )
    expect(await network('{name: r18, layers: [1, 1, 0, 1]}')).toBe(
      'network.layers.2: expected at least 1, found 0',
    )
    expect(await network('{name: r18, layers: 4}')).toBe('network.layers: expected a list, found 4')
    expect(await network('{name: mbf, scale: 1.5}')).toBe('network.scale: expected a whole number, found 1.5')
    expect(await network('{name: r19}')).toBe(
      "network.name: expected one of mbf, mbf_large, r18, r34, r50, r100, r200, found 'r19'. " +
        "The nearest valid value is 'r18'",
    )
    expect(await network('{scale: 1}')).toContain('network.name: ')
    expect(await network('r2060')).toContain("found 'r2060'. The nearest valid value is 'r200'")
  })

  it('names the nearest valid word, where one is near', async () => {
    const text = await fault('dataset: umd\nprovider: cud\nmargin_gradient: straight\nengine: mxnet\n')
    expect(text).toContain(
      "line 2: provider: expected one of auto, cpu, webgpu, cuda, found 'cud'. The nearest valid value is 'cuda'",
    )
    expect(text).toContain(
      "line 3: margin_gradient: expected one of straight-through, exact, found 'straight'",
    )
    expect(text).not.toMatch(/mxnet.*nearest/)
    expect(await fault('dataset: umd\n', ['provider=gpu'])).toMatch(
      /^--set provider=gpu: provider: expected .*, found 'gpu'. The nearest valid value is 'cpu'$/,
    )
  })

  it('names the margins that there are', async () => {
    expect(await fault('dataset: umd\nhead: {name: arcfac, m: 0.5}\n')).toContain(
      "line 2: head.name: expected one of adaface, arcface, combined, cosface, found 'arcfac'. " +
        "The nearest valid value is 'arcface'",
    )
    expect(await fault('dataset: umd\nhead: {name: cosface, n: 0.4}\n')).toContain("'head.m'")
  })

  it("takes what upstream's configs have: a warm-up of -1 is none, a sample rate of 0 the fewest centres", async () => {
    const { config } = await load('dataset: umd\nwarmup_epoch: -1\nsample_rate: 0\n')
    expect([config.warmup_epoch, config.sample_rate]).toEqual([0, 0])
  })

  it('tells all faults at once', async () => {
    const path = join(folder, 'umd_mbf.yaml')
    expect(await fault('dataset: umd\nlr: fast\nbatchsize: 32\nnum_epoch: 0\n', ['momentum=1'])).toBe(
      [
        `${path}: 4 faults`,
        `${path}: line 2: lr: expected a number, found 'fast'`,
        '--set momentum=1: momentum: expected less than 1, found 1',
        `${path}: line 4: num_epoch: expected at least 1, found 0`,
        `${path}: line 3: unknown key 'batchsize'. The nearest valid key is 'batch_size'`,
      ].join('\n  '),
    )
    expect(await fault('rec: a\ndataset: b\nlr: 0\n')).toMatch(
      /rec and dataset.*\n.*lr: expected more than 0/,
    )
  })

  it('names the line and key of a wrong value', async () => {
    expect(await fault('dataset: umd\nlr: fast\n')).toMatch(/line 2: lr: expected a number, found 'fast'/)
    expect(await fault('dataset: umd\nmargin_list: [1, 0.5]\n')).toMatch(/line 2: margin_list/)
    expect(await fault('dataset: umd\nval_targets:\n  - lfw\n  - 3\n')).toMatch(/line 4: val_targets.1/)
    expect(await fault('dataset: umd\noptimizer: adam\n')).toMatch(/line 2: optimizer: .*adamw/)
    expect(await fault('dataset: umd\nsave_steps: 0\n')).toMatch(/line 2: save_steps: .*1/)
    expect(await fault('dataset: umd\ngradient_acc: 0\n')).toMatch(/line 2: gradient_acc: .*1/)
    expect(await fault('dataset: umd\nbatch_size: 1\n')).toMatch(/line 2: batch_size: .*2/)
    expect(await fault('dataset: umd\nnum_epoch: 2\nwarmup_epoch: 3\n')).toMatch(
      /line 3: warmup_epoch: is longer/,
    )
    expect(await fault('dataset: umd\nsample_rate: -0.1\n')).toMatch(/line 2: sample_rate: /)
    expect(await fault('dataset: umd\nsample_rate: 1.5\n')).toMatch(/line 2: sample_rate: .*1/)
    expect(await fault('lr: 0.1\n')).toMatch(/dataset/)
  })

  it('names the line of broken YAML and of a file without keys', async () => {
    expect(await fault('dataset: umd\nlr: [1\n')).toMatch(/line \d/)
    expect(await fault('- dataset\n')).toContain('expected keys and values')
  })

  it.each([
    ['augmentation: light', 'expected flip, dali, or steps such as {'],
    ['augmentation: {flip: 1.5}', 'augmentation.flip: expected at most 1, found 1.5'],
    ['augmentation: {blur: 0.2}', 'augmentation.blur: expected keys and values, found 0.2'],
    ['augmentation: {blur: {radius: [1, 2]}}', 'augmentation.blur.probability: expected a number'],
    ['augmentation: {resize: {probability: 1, scale: [0.8, 0.5]}}', 'the first is above the second'],
    [
      'augmentation: {grey: 0.1}',
      "unknown key 'augmentation.grey'. The nearest valid key is 'augmentation.gray'",
    ],
    ['network: vit_b', 'expected mbf, mbf_large, r18, r34, r50, r100, r200, {name'],
    ['network: {name: mbf, blocks: [1, 1]}', 'network.blocks: expected at least 4 items, found [1,1]'],
    ['network: {name: mbf, layers: [1, 1, 1, 1]}', "unknown key 'network.layers'"],
    ['network: {name: r18, layers: [1, 1, 1, 0]}', 'network.layers.3: expected at least 1, found 0'],
    ['engine: mxnet', "engine: expected one of auto, onnxruntime, tensorflow, found 'mxnet'"],
  ])('refuses %s, which this version cannot do, saying what it can', async (line, message) => {
    const text = await fault(`dataset: umd\n${line}\n`)
    expect(text).toContain('line 2')
    expect(text).toContain(message)
  })

  it("ignores upstream's keys that have no meaning here, saying so once for each", async () => {
    const { config, notices, warnings } = await load(
      'dataset: umd\ndali: true\nusing_wandb: false\nwandb_entity: me\nnum_image: 8277\n',
    )
    expect(config).not.toHaveProperty('dali')
    expect(config.num_image).toBe(8277)
    expect(warnings).toEqual([
      expect.stringContaining('line 2: dali is ignored: images are decoded by worker'),
    ])
    expect(notices.map((notice) => /line (\d): (\w+) is ignored/.exec(notice)?.slice(1))).toEqual([
      ['3', 'using_wandb'],
      ['4', 'wandb_entity'],
    ])
  })

  it("reads upstream's dali_aug, which has no effect without dali there either, as a set of augmentations", async () => {
    const both = await load('dataset: umd\ndali: true\ndali_aug: true\n')
    expect(both.config.augmentation).toBe('dali')
    expect(both.notices).toEqual([
      expect.stringContaining('line 3: dali_aug: true is read as augmentation: dali'),
    ])
    const alone = await load('dataset: umd\ndali_aug: true\n')
    expect(alone.config.augmentation).toBe('flip')
    expect(alone.warnings).toEqual([
      expect.stringContaining('line 2: dali_aug is ignored: augmentation says how'),
    ])
    const besides = await load('dataset: umd\ndali: true\ndali_aug: true\naugmentation: {gray: 0.2}\n')
    expect(besides.config.augmentation).toEqual({ flip: 0.5, gray: 0.2 })
    expect(besides.warnings[1]).toContain('dali_aug is ignored')
    expect((await load('dataset: umd\ndali: true\ndali_aug: false\n')).config.augmentation).toBe('flip')
  })

  it("fills in upstream's ranges where a step names none", async () => {
    const text =
      'dataset: umd\naugmentation: {resize: {probability: 0.1}, blur: {probability: 0.2}, hue_saturation: {probability: 0.2}, gray: 0.1}\n'
    expect((await load(text)).config.augmentation).toEqual(augmentationSteps('dali'))
  })

  it('says that AdamW does not use momentum', async () => {
    const { notices } = await load('dataset: umd\noptimizer: adamw\nmomentum: 0.9\n')
    expect(notices).toEqual([
      `${join(folder, 'umd_mbf.yaml')}: line 3: momentum is not used: optimizer is adamw`,
    ])
    expect((await load('dataset: umd\noptimizer: adamw\n')).notices).toEqual([])
  })

  it('says that CosFace does not use m1 and m2', async () => {
    expect((await load('dataset: umd\nmargin_list: [1, 0.5, 0.4]\n')).notices).toEqual([
      'margin_list [1, 0.5, 0.4]: m3 > 0 is CosFace, so m1 and m2 are not used',
    ])
    expect((await load('dataset: umd\nmargin_list: [1, 0, 0.4]\n')).notices).toEqual([])
  })

  it('takes a margin by its name, its numbers filled in, and says what is then not used', async () => {
    const named = await load('dataset: umd\nhead: {name: adaface, t_alpha: 0.01}\n')
    expect(named.config.head).toEqual({ name: 'adaface', m: 0.4, h: 0.333, t_alpha: 0.01 })
    expect([...named.notices, ...named.warnings]).toEqual([])
    const both = await load(
      'dataset: umd\nmargin_gradient: exact\nmargin_list: [1, 0, 0.4]\nhead: {name: adaface}\n',
    )
    expect(both.warnings).toEqual([
      expect.stringContaining('line 3: margin_list is not used: head is adaface'),
    ])
    expect(both.notices).toEqual([expect.stringContaining('line 2: margin_gradient is not used: adaface')])
    expect(await fault('dataset: umd\nhead: {name: adaface, t: 1}\n')).toMatch(/line 2: .*t/)
    expect(await fault('dataset: umd\nhead: {name: magface}\n')).toMatch(/line 2: .*adaface/)
  })

  it('takes settings over the file, the last one first', async () => {
    const { config } = await load('dataset: umd\nlr: 0.1\nnetwork: mbf\n', [
      'lr=0.2',
      'lr=0.3',
      'margin_list=[1, 0, 0.4]',
      'network.blocks=[1, 1, 1, 1]',
      'val_targets=[lfw, agedb_30]',
    ])
    expect(config.lr).toBe(0.3)
    expect(config.margin_list).toEqual([1, 0, 0.4])
    expect(config.network).toEqual({ name: 'mbf', blocks: [1, 1, 1, 1] })
    expect(config.val_targets).toEqual(['lfw', 'agedb_30'])
  })

  it('names the setting that is wrong', async () => {
    expect(await fault('dataset: umd\nlr: 0.1\n', ['lr=-1'])).toMatch(/^--set lr=-1: lr: /)
    expect(await fault('dataset: umd\n', ['epochs=3'])).toMatch(/^--set epochs=3: unknown key 'epochs'/)
    expect(() => parseSetting('lr')).toThrow('--set lr: expected key=value')
    expect(() => parseSetting('lr=[1')).toThrow('--set lr=[1: the value is not YAML')
  })

  it('is written so that it reads back', async () => {
    const { config } = await load(
      'dataset: umd\nnetwork: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}\nval_targets: [lfw]\n',
    )
    const text = formatConfig({ ...config, num_image: 8277 })
    expect(text).toContain('margin_list: [ 1, 0.5, 0 ]\n')
    expect(text).not.toContain('num_image')
    expect((await load(text)).config).toEqual(config)
  })

  it('is written without the margin_list that a head takes the place of', async () => {
    const { config } = await load('dataset: umd\nhead: {name: adaface}\n')
    const again = await load(formatConfig(config))
    expect(again.config).toEqual(config)
    expect([...again.notices, ...again.warnings]).toEqual([])
  })

  const configs = resolve(import.meta.dirname, '../../../configs')
  it.each(readdirSync(configs).filter((name) => name.endsWith('.yaml')))(
    'configs/%s has no fault and asks for nothing that has no effect',
    (name) => {
      expect(loadConfig(join(configs, name)).notices).toEqual([])
    },
  )
})
