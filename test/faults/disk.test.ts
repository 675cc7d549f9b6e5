import { execFileSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { OutputError } from '../../src/errors/index.js'
import { bins } from '../../src/stages/bins/bins.js'
import { merge } from '../../src/stages/merge/merge.js'
import { pack } from '../../src/stages/pack/pack.js'
import { localRun } from '../cluster/local-run.js'
import { publishTiny } from '../dataset/make-dataset.js'
import { aligned } from '../stages/pack/packing.js'
import { facedata } from './command-line.js'
import { leftovers, wholeFingerprint } from './published.js'

/** `nobody` on every Linux. */
const NOBODY = 65_534
const asRoot = process.getuid?.() === 0

const folder = mkdtempSync(join(tmpdir(), 'facedata-disk-'))
chmodSync(folder, 0o755)
const photos = join(folder, 'photos')
const inputs = join(folder, 'inputs')
for (let i = 0; i < 300; i++) {
  mkdirSync(join(photos, `P${i % 5}`), { recursive: true })
  writeFileSync(join(photos, `P${i % 5}`, `${i}.jpg`), await aligned(100))
}
await publishTiny(inputs, 'umd', { ann: 3000, bob: 2000 })
await publishTiny(inputs, 'ms1m', { cleo: 2000 })
await publishTiny(inputs, 'crowd', Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, 20])))

const disk = join(folder, 'disk')
const mounted = mountTmpfs(disk)
afterAll(() => {
  if (mounted) execFileSync('umount', [disk])
  rmSync(folder, { recursive: true, force: true })
})

/** A disk of some kilobytes in memory: false where this process may not mount. */
function mountTmpfs(path: string): boolean {
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function resizeDisk(kilobytes: number): void {
  execFileSync('mount', ['-o', `remount,size=${kilobytes}k`, disk])
}

const commands = {
  pack: (output: string) => ['pack', photos, '--size', '16', '-o', output],
  merge: (output: string) => ['merge', 'umd', 'ms1m', '--datasets', inputs, '-o', output],
}

function run(name: 'pack' | 'merge', output: string): Promise<unknown> {
  const replacing = localRun({ replace: true })
  return name === 'pack'
    ? runStage(pack, pack.options.parse({ inputs: [photos], size: 16, output }), replacing)
    : runStage(merge, merge.options.parse({ inputs: ['umd', 'ms1m'], datasets: inputs, output }), replacing)
}

describe.skipIf(!mounted)('a full disk (needs the right to mount a tmpfs)', () => {
  const output = join(disk, 'datasets', 'people')
  let old: string

  beforeEach(async () => {
    resizeDisk(65_536)
    for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true })
    await publishTiny(join(disk, 'datasets'), 'people', { old: 3 })
    old = await wholeFingerprint(output)
  })

  it.each(['pack', 'merge'] as const)(
    'stops %s wherever it fills up; the old version is whole, and with more room the run ends well',
    async (name) => {
      const used = kilobytesUsed()
      let full = 0
      for (let room = 16; ; room += 48) {
        resizeDisk(used + room)
        const error = await run(name, output).catch((cause: unknown) => cause)
        if (!(error instanceof Error)) break
        full++
        expect(error).toBeInstanceOf(OutputError)
        expect(error.message).toMatch(
          /^cannot write .*people.*: the disk is full\. Free space and run the same command again$|^cannot write .*\.scratch.*: the disk is full\. Free/,
        )
        expect(await wholeFingerprint(output)).toBe(old)
      }
      expect(full).toBeGreaterThan(5)
      expect(await wholeFingerprint(output)).not.toBe(old)
      expect(leftovers(output)).toEqual([])
    },
  )

  it('is exit code 1, in several threads too', async () => {
    resizeDisk(kilobytesUsed() + 64)
    const ended = await facedata([...commands.pack(output), '--replace', '--jobs', '2'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(
      /^facedata: cannot write .*: the disk is full\. Free space and run the same command again$/m,
    )
    expect(ended.stderr).not.toContain('    at ')
    expect(await wholeFingerprint(output)).toBe(old)
  })

  it('stops bins; the old bin is whole', async () => {
    const bin = join(disk, 'pairs.bin')
    const making = (folds: number) =>
      runStage(
        bins,
        bins.options.parse({ from: 'crowd', 'pairs-per-fold': 100, folds, datasets: inputs, output: bin }),
        localRun({ replace: true }),
      )
    await making(2)
    const before = readFileSync(bin)
    resizeDisk(kilobytesUsed() + 16)
    await expect(making(5)).rejects.toThrow(/the disk is full/)
    expect(readFileSync(bin).equals(before)).toBe(true)
  })

  function kilobytesUsed(): number {
    const [, line] = execFileSync('df', ['-k', '--output=used', disk]).toString().split('\n')
    return Number(line)
  }
})

describe('a limit on the size of files', () => {
  it.each(['pack', 'merge'] as const)(
    'stops %s with exit code 1 and says so; the old version is whole',
    async (name) => {
      const datasets = join(folder, `limited-${name}`)
      await publishTiny(datasets, 'people', { old: 3 })
      const output = join(datasets, 'people')
      const old = await wholeFingerprint(output)
      const limited = ['sh', '-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath]
      const ended = await facedata([...commands[name](output), '--replace'], { command: limited })
      expect(ended).toMatchObject({ code: 1, signal: null, stdout: '' })
      expect(ended.stderr).toMatch(
        /^facedata: cannot write .*: the file is larger than .* the process limit allows/m,
      )
      expect(await wholeFingerprint(output)).toBe(old)
      expect(await facedata([...commands[name](output), '--replace'])).toMatchObject({ code: 0 })
      expect(leftovers(output)).toEqual([])
    },
  )
})

/** This process, or `nobody` where it is root, who may write everywhere; undefined where nobody cannot run facedata. */
const unprivileged = asRoot ? await nobodyWhereItRuns() : { uid: process.getuid?.() ?? NOBODY }

async function nobodyWhereItRuns(): Promise<{ uid: number } | undefined> {
  const { code } = await facedata(['--version'], { uid: NOBODY }).catch(() => ({ code: 1 }))
  return code === 0 ? { uid: NOBODY } : undefined
}

describe.skipIf(unprivileged === undefined)(
  'an output that may not be written (needs an unprivileged user)',
  () => {
    const datasets = join(folder, 'readonly')
    const output = join(datasets, 'people')

    beforeEach(async () => {
      if (existsSync(datasets)) chmodSync(datasets, 0o755)
      rmSync(datasets, { recursive: true, force: true })
      await publishTiny(datasets, 'people', { old: 3 })
      rmSync(join(datasets, '.scratch'), { recursive: true })
      chmodSync(datasets, 0o555)
    })

    it.each(['pack', 'merge'] as const)(
      'stops %s with exit code 1, naming it; the old version is whole',
      async (name) => {
        const old = await wholeFingerprint(output)
        const ended = await facedata([...commands[name](output), '--replace'], unprivileged)
        expect(ended).toMatchObject({ code: 1, stdout: '' })
        expect(ended.stderr).toMatch(
          /^facedata: cannot write .*readonly.*: permission denied\. Choose another output or change its permissions$/m,
        )
        expect(await wholeFingerprint(output)).toBe(old)
        expect(leftovers(output)).toEqual([])
      },
    )
  },
)

describe('an output on a path that is taken', () => {
  it.each(['pack', 'merge'] as const)(
    'by a file is refused by %s with exit code 2, and stays',
    async (name) => {
      const output = join(folder, `taken-${name}`)
      writeFileSync(output, 'mine')
      const ended = await facedata([...commands[name](output), '--replace'])
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).toContain(
        `facedata: ${output} is a file that facedata did not publish, and is never replaced`,
      )
      expect(readFileSync(output, 'utf8')).toBe('mine')
      expect(existsSync(join(folder, '.scratch'))).toBe(false)
    },
  )

  it.each(['pack', 'merge'] as const)('below a file is refused by %s with exit code 1', async (name) => {
    const file = join(folder, `file-${name}`)
    writeFileSync(file, 'mine')
    const ended = await facedata(commands[name](join(file, 'people')))
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/^facedata: cannot write .*: a file stands where a folder is needed$/m)
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('by a folder of the user is refused with exit code 2 before any work', async () => {
    const output = join(folder, 'mine')
    mkdirSync(output)
    writeFileSync(join(output, 'train.rec'), 'mine')
    const ended = await facedata([...commands.pack(output), '--replace'])
    expect(ended).toMatchObject({ code: 2 })
    expect(readdirSync(output)).toEqual(['train.rec'])
    const bin = await facedata([
      'bins',
      '--from',
      'umd',
      '--datasets',
      inputs,
      '--pairs-per-fold',
      '1',
      '-o',
      output,
      '--replace',
    ])
    expect(bin).toMatchObject({ code: 2 })
    expect(bin.stderr).toContain(
      `${output} is a folder, where a file is to be written. Choose another output`,
    )
    expect(() => accessSync(output, constants.W_OK)).not.toThrow()
  })
})
