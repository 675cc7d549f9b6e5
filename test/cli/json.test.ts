import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arcfaceTemplate, LANDMARK_HEADER, landmarkLine } from '../../src/alignment/index.js'
import { commands } from '../../src/cli/commands.js'
import { identityName, imageFileName } from '../../src/synthesis/index.js'
import { foreignFolder, image } from '../repairs/foreign-folder.js'
import { temporaryFolder } from '../temporary-folder.js'
import { type Ended, facedata, type SignalAt } from './facedata.js'

const folder = temporaryFolder()

writeFileSync(
  join(folder, 'tiny.yaml'),
  'network: {name: mbf, blocks: [1, 1, 1, 1], scale: 1}\nembedding_size: 16\nbatch_size: 2\nnum_epoch: 1\n',
)
writeFileSync(
  join(folder, 'made.yaml'),
  'steps:\n  - synth: { output: made, identities: 2, images: 2 }\n  - pack: { inputs: [made], output: made }\n',
)
const person = identityName(1, 0)
mkdirSync(join(folder, 'lists'))
writeFileSync(
  join(folder, 'lists', 'landmarks.tsv'),
  `${LANDMARK_HEADER}\n${landmarkLine(`${person}/${imageFileName(person, 0)}`, { score: 1, landmarks: arcfaceTemplate(112) })}`,
)
await foreignFolder(join(folder, 'datasets', 'foreign'), [image(0, 0), image(1, 1)])
writeFileSync(join(folder, 'datasets', 'foreign', 'property'), '2,112,112')

/**
 * A run of every command, in an order in which each finds what it reads. `code` where it is not 0: some say with it what
 * they found.
 */
const runs: { words: string[]; code?: number[]; signalAt?: SignalAt }[] = [
  { words: ['synth', '-o', 'faces', '--identities', '6', '--images', '4'] },
  { words: ['pack', 'faces', '-o', 'a'] },
  { words: ['pack', 'faces', '-o', 'b', '--min-images', '3', '--dialect', 'im2rec'] },
  { words: ['align', 'faces', '-o', 'aligned', '--landmarks', 'lists/landmarks.tsv'] },
  { words: ['merge', 'a', 'b', '-o', 'ab'] },
  { words: ['clean', 'ab', '--dry-run'] },
  { words: ['split', 'a', '--count', '2'] },
  { words: ['shuffle', 'a'] },
  { words: ['unpack', 'a', '-o', 'photos'] },
  { words: ['bins', '--from', 'a', '--pairs-per-fold', '2', '--folds', '2', '-o', 'a.bin'] },
  { words: ['train', 'tiny.yaml', '--dataset', 'a', '--set', 'max_steps=0', '-o', 'runs/tiny'] },
  { words: ['export', 'runs/tiny', '-o', 'tiny.onnx'] },
  { words: ['embed', 'tiny.onnx', 'a', '-o', 'a.arrow'] },
  { words: ['evaluate', 'tiny.onnx', 'a.bin'] },
  { words: ['report', 'a', 'runs/tiny', '-o', 'a.html', '--photos', '4'] },
  { words: ['handoff', 'tiny.yaml', '--set', 'dataset=a', '--set', 'network=mbf'] },
  { words: ['run', 'made.yaml'] },
  { words: ['run', 'made.yaml', '--dry-run'] },
  { words: ['plan', 'synth', '--output', 'more', '--identities', '2', '--images', '1', '--shards', '2'] },
  { words: ['submit', 'plan.json', '--to', 'kubernetes', '--image', 'facedata', '--volume', 'faces:/data'] },
  { words: ['work', 'plan.json', '--shard', '0-1'] },
  { words: ['finish', 'plan.json'] },
  { words: ['inspect', 'a', '--record', '1'] },
  { words: ['inspect', 'runs/tiny'] },
  { words: ['inspect', 'a.bin'] },
  { words: ['verify', 'a', '--decode'] },
  { words: ['diff', 'a', 'b'] },
  { words: ['overlap', 'a', 'a.bin'] },
  // It works until it is told to stop.
  { words: ['browse', 'a'], signalAt: { text: '}', signal: 'SIGINT' } },
  { words: ['adopt', 'foreign'] },
  { words: ['reindex', 'foreign'] },
  // 1 where this machine lacks something.
  { words: ['doctor'], code: [0, 1] },
  // A build needs an index of packages: test/engines/tensorflow/install has one. This is its failure.
  {
    words: ['engine', 'install', 'tensorflow', '--index', 'http://127.0.0.1:9', '--dir', 'engines'],
    code: [1],
  },
]

const WITHOUT_JOBS = [
  'adopt',
  'reindex',
  'diff',
  'inspect',
  'browse',
  'doctor',
  'engine',
  'handoff',
  'plan',
  'submit',
]

/** The one JSON object that standard output holds. */
function objectOf({ stdout, stderr }: Ended): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stdout)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {}
  throw new Error(`standard output is not one JSON object:\n${stdout}\nstandard error:\n${stderr}`)
}

describe('--json', () => {
  it('is tested of every command', () => {
    const tested = new Set(runs.map(({ words: [name] }) => name))
    expect(Object.keys(commands).filter((name) => !tested.has(name))).toEqual([])
  })

  for (const { words, code = [0], ...settings } of runs) {
    it(`prints one object on standard output: facedata ${words.join(' ')}`, async () => {
      const jobs = WITHOUT_JOBS.includes(words[0]!) ? [] : ['--jobs', '1']
      const ended = await facedata(folder, [...words, ...jobs, '--json'], settings)
      expect(code, ended.stderr).toContain(ended.code)
      expect(Object.keys(objectOf(ended)).length).toBeGreaterThan(0)
      expect(ended.stderr).not.toMatch(/^\s*\{/m)
    })
  }
})

describe('--json of a command that fails', () => {
  it.each<[string, string[], number, object]>([
    ['an option that is none', ['pack', 'faces', '--no-such'], 2, { kind: 'UsageError' }],
    ['a value that is none', ['pack', 'faces', '-o', 'x', '--quality', '500'], 2, { kind: 'UsageError' }],
    ['an output that exists', ['pack', 'faces', '-o', 'a'], 2, { kind: 'UsageError' }],
    [
      'a file that is missing',
      ['pack', 'nowhere'],
      3,
      {
        kind: 'InputError',
        fault: { file: expect.stringContaining('nowhere'), problem: expect.any(String) },
      },
    ],
    [
      'a record that is not there',
      ['inspect', 'a', '--record', '999'],
      3,
      {
        kind: 'InputError',
        fault: expect.objectContaining({ record: 999, expected: 'a key from 0 to 30', actual: 999 }),
      },
    ],
    ['something skipped under --strict', ['pack', 'dirty', '--strict'], 5, { kind: 'StrictError' }],
  ])('tells of %s', async (_, words, exitCode, error) => {
    mkdirSync(join(folder, 'dirty', 'p'), { recursive: true })
    writeFileSync(join(folder, 'dirty', 'p', 'x.jpg'), 'no image')
    const ended = await facedata(folder, [...words, '--json'])
    expect(ended.code).toBe(exitCode)
    expect(objectOf(ended)).toEqual({
      error: { ...error, exitCode, message: expect.stringMatching(/./) },
    })
    expect(ended.stderr).not.toBe('')
  })

  it('prints nothing of it where JSON was not asked for', async () => {
    const ended = await facedata(folder, ['pack', 'nowhere'])
    expect([ended.code, ended.stdout]).toEqual([3, ''])
  })
})
