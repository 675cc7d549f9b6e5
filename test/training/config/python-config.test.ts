import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors/index.js'
import { readPython } from '../../../src/training/config/python-source.js'
import { loadConfig, parseSetting } from '../../../src/training/index.js'
import { oracle, runOracle } from '../../oracles/python.js'

const fixtures = resolve(import.meta.dirname, '../../../fixtures/configs')
const HEADER = 'from easydict import EasyDict as edict\nconfig = edict()\nconfig.rec = "umd"\n'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facedata-python-config-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function load(python: string, settings: string[] = []) {
  const path = join(folder, 'umd_mbf.py')
  await writeFile(path, python)
  return loadConfig(path, settings.map(parseSetting))
}

/** The faults without the name of the file. */
async function faults(python: string, settings: string[] = []): Promise<string[]> {
  const error = await load(python, settings).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UsageError)
  const lines = (error as Error).message.replaceAll(join(folder, 'umd_mbf.py'), 'umd_mbf.py').split('\n  ')
  return lines.length === 1 ? lines : lines.slice(1)
}

/** Adds `line` to a config that is well; its line is 4. */
const faultsOf = (line: string) => faults(`${HEADER}${line}\n`)

describe("upstream's Python configs", () => {
  it('are read over base.py beside them, each value from the uppermost file that has it', () => {
    const { config } = loadConfig(join(fixtures, 'tiny_mbf.py'))
    expect(config).toMatchObject({
      dataset: 'tiny',
      network: 'mbf',
      margin_list: [1, 0.5, 0],
      weight_decay: 1e-4,
      batch_size: 4,
      num_image: 6,
      frequent: 20,
      output: join('work_dirs', 'tiny_mbf'),
    })
  })

  it("are read over upstream's defaults where there is no base.py", async () => {
    const { config, notices, warnings } = await load(
      `${HEADER}config.network = "mbf"\nconfig.num_epoch = 3\n`,
    )
    expect(config).toMatchObject({ frequent: 10, lr: 0.1, weight_decay: 5e-4, num_epoch: 3 })
    expect(config.output).toBe(join('work_dirs', 'umd_mbf'))
    expect([notices, warnings]).toEqual([[], []])
    expect(readPython(join(folder, 'umd_mbf.py')).values).toMatchObject({ network: 'mbf', optimizer: 'sgd' })
    await writeFile(join(folder, 'no-network.py'), HEADER)
    expect(readPython(join(folder, 'no-network.py')).values['network']).toBe('r50')
  })

  it("say which of their own keys have no effect, and of base.py's those that ask for more than upstream's", () => {
    const path = join(fixtures, 'tiny_mbf.py')
    const { notices, warnings } = loadConfig(path)
    expect(notices.map((notice) => notice.split(' is ignored')[0])).toEqual([
      `${join(fixtures, 'base.py')}: line 18: wandb_key`,
    ])
    expect(warnings).toEqual([`${path}: line 17: dali is ignored: images are decoded by worker threads`])
  })

  it('hold literals, arithmetic, earlier values, lists over several lines', () => {
    expect(readPython(join(fixtures, 'expressions.py')).values).toMatchObject({
      network: { name: 'mbf', blocks: [1, 4, 6, 2], scale: 2 },
      margin_list: [1, 0, 0.4],
      batch_size: 128,
      lr: 0.0125,
      warmup_epoch: 2,
      num_image: 300_000,
      rec: '/data/faces/umd\\n',
      val_targets: ['lfw', 'cfp_fp', 'agedb_30', 'calfw'],
      sample_rate: 1,
      seed: 2,
      output: 'runs/umd\tAb',
      verbose: 5,
      other: { a: { b: null, c: [] }, d: [1], e: 5, f: true, g: [[], [1, [2]]] },
    })
  })

  it.skipIf(oracle('torch') === undefined)('come to what Python makes of them', async () => {
    await cp(fixtures, join(folder, 'configs'), { recursive: true })
    for (const file of await readdir(fixtures)) {
      const python = JSON.parse(await runOracle('torch', 'arcface_config.py', folder, file.slice(0, -3)))
      if (file === 'base.py') python.output = 'base_run'
      expect(readPython(join(fixtures, file)).values, file).toEqual(python)
    }
  })

  it('take settings over their values', async () => {
    const python = `${HEADER}config.network = "mbf"\n`
    const { config } = await load(python, ['network.blocks=[1, 1, 1, 1]', 'lr=0.2'])
    expect(config).toMatchObject({ network: { name: 'mbf', blocks: [1, 1, 1, 1] }, lr: 0.2 })
    expect(await faults(python, ['lr=0'])).toEqual(['--set lr=0: lr: expected more than 0, found 0'])
  })

  it("name Python's line of a wrong value, and that of base.py for its own", async () => {
    expect(await faultsOf('config.network = dict(\n  name="mbf",\n  block=[1, 1, 1, 1],\n)')).toEqual([
      "umd_mbf.py: line 6: unknown key 'network.block'. The nearest valid key is 'network.blocks'",
    ])
    expect(await faultsOf('config.network = "mbf"\nconfig.lr = "0.1"; config.epochs = 3')).toEqual([
      "umd_mbf.py: line 5: lr: expected a number, found '0.1'",
      "umd_mbf.py: line 5: unknown key 'epochs'. The nearest valid key is 'num_epoch'",
    ])
    const below = join(folder, 'below')
    await cp(fixtures, below, { recursive: true })
    await writeFile(
      join(below, 'base.py'),
      'from easydict import EasyDict\nconfig = EasyDict()\nconfig.lr = -1\n',
    )
    expect(() => loadConfig(join(below, 'tiny_mbf.py'), [])).not.toThrow()
    await writeFile(join(below, 'own.py'), `${HEADER}config.network = "mbf"\n`)
    expect(() => loadConfig(join(below, 'own.py'))).toThrow(
      `${join(below, 'base.py')}: line 3: lr: expected more`,
    )
  })

  it('refuse a network that there is none of, with those there are', async () => {
    const [fault] = await faultsOf('config.network = "vit_t_dp005_mask0"')
    expect(fault).toMatch(/^umd_mbf.py: line 4: network: .*mbf, mbf_large.*, found 'vit_t_dp005_mask0'$/)
    expect((await faultsOf('config.network = "r2060"'))[0]).toMatch(/line 4: network: .*found 'r2060'/)
  })

  it.each([
    ['config.output = f"runs/{1}"', 'an f-string is not read: write the text as it is'],
    ['config.output = b"runs"', 'a bytes string is not read: write the text as it is'],
    ['config.output = os.path.join("a", "b")', 'os.path.join(...) is not read, for Python is not run'],
    ['config.lr = float("0.1")', 'float(...) is not read, for Python is not run: write its value'],
    ['config.lr = 0.1 if True else 0.2', "'if' is not read here"],
    ['config.resume = not True', "'not' is not read"],
    ['config.lr = 2 ** 3', "'**' is not read here"],
    ['config.lr = config.margin_list[0]', 'config.margin_list[...] is not read'],
    ['config.lr = [x for x in y]', 'x has no value above this line'],
    ['config["lr"] = 0.1', "expected '=' after config, found '['"],
    ['config.lr += 1', "expected '=' after config.lr, found '+='"],
    ['config.lr = config.rate', 'config.rate has no value above this line'],
    ['config.lr =', 'expected a value, found the end of the line'],
    ['config.lr = 1 / 0', 'division by zero'],
    ['config.lr = "a" * 2', 'a string * a number is not read: numbers are expected'],
    ['config.lr = True + 1', 'True + a number is not read'],
    ['config.lr = 9007199254740993', 'too large to be kept exactly'],
    ['config.lr = 007', '007: a number does not begin with 0'],
    ['other.lr = 1', 'other is no edict() above this line'],
    ['config.lr = (1, 2', 'a bracket is not closed'],
    ['config.output = "runs', 'the string has no end'],
    ['config.lr = 1 $ 2', '"$" is no Python'],
    ['import os', "'import os' is not read: easydict alone may be imported"],
    ['from configs.base import config', "'from configs' is not read"],
    ['if config.rec:\n  config.lr = 1\n\n  config.foo = 2', "'if' is not read, for Python is not run"],
    ['  config.lr = 1', 'an indented line is not read'],
    ['print(config)', "'print' is not read"],
    ['config.update({"lr": 1})', "expected '=' after config.update, found '('"],
  ])('refuse %j with its line', async (line, problem) => {
    const found = await faultsOf(line)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('umd_mbf.py: line ')
    expect(found[0]).toContain(problem)
    expect(found[0]).toMatch(/^umd_mbf.py: line [45]: /)
  })

  it('tell all faults at once, and none that follows from another', async () => {
    expect(
      await faultsOf(
        'config.lr = half(1)\nconfig.momentum = config.lr / 2\nconfig.output = f"x"\nconfig.seed = 1 %\n',
      ),
    ).toEqual([
      'umd_mbf.py: line 4: half(...) is not read, for Python is not run: write its value',
      'umd_mbf.py: line 6: an f-string is not read: write the text as it is',
      "umd_mbf.py: line 7: '%' is not read here",
    ])
  })

  it('need a config', async () => {
    expect(await faults('')).toEqual(['umd_mbf.py: has no config = edict()'])
    expect(await faults('config = 3\n')).toEqual(['umd_mbf.py: has no config = edict()'])
  })
})
