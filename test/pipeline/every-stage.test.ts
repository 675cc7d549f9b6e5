import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arcfaceTemplate, LANDMARK_HEADER, landmarkLine } from '../../src/alignment/index.js'
import { runStage } from '../../src/cluster/local.js'
import { encodeJpeg } from '../../src/image/index.js'
import {
  loadPipeline,
  type PipelineSummary,
  planPipeline,
  type RunStage,
  runPipeline,
} from '../../src/pipeline/index.js'
import { silentLog, silentProgress } from '../../src/progress/progress.js'
import { loadStage, stageNames } from '../../src/stages/registry.js'
import { renderFace } from '../../src/synthesis/index.js'
import { outcomes } from './running.js'

const folder = mkdtempSync(join(tmpdir(), 'facedata-fresh-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

/** Every registered stage; `changed` has another value of an option of each. */
const optionsOf = (changed?: string): Record<string, [stage: string, options: Record<string, unknown>]> => {
  const either = <T>(step: string, before: T, after: T) => (step === changed ? after : before)
  const config = at(either('run', 'tiny.yaml', 'other.yaml'))
  return {
    faces: ['synth', { output: at('faces'), identities: 4, images: 3, seed: either('faces', 1, 2) }],
    aligned: [
      'align',
      {
        folder: at('photos'),
        landmarks: at('landmarks.tsv'),
        output: at('aligned'),
        size: 16,
        quality: either('aligned', 95, 90),
      },
    ],
    a: ['pack', { inputs: [at('aligned')], output: 'a', size: 16, quality: either('a', 95, 90) }],
    b: [
      'pack',
      {
        inputs: [at('faces')],
        output: 'b',
        size: either('b', 16, 17),
        expect: { images: '>= 12', identities: '>= 4' },
      },
    ],
    ab: ['merge', { inputs: ['a', 'b'], output: 'ab', ...either('ab', {}, { dialect: 'im2rec' }) }],
    clean: [
      'clean',
      { dataset: 'a', output: 'clean', rules: either('clean', 'byte-identical', 'undecodable') },
    ],
    shuffled: ['shuffle', { dataset: 'ab', output: 'shuffled', seed: either('shuffled', 0, 1) }],
    part: ['split', { dataset: 'a', output: 'part', val: 'part-val', count: either('part', 1, 2) }],
    unpacked: ['unpack', { dataset: 'part-val', output: at(either('unpacked', 'unpacked', 'elsewhere')) }],
    'b.bin': [
      'bins',
      { from: 'a', 'pairs-per-fold': 1, folds: 2, output: at('b.bin'), seed: either('b.bin', 0, 1) },
    ],
    run: ['train', { config, dataset: 'a', output: at('run') }],
    'ab.arrow': [
      'embed',
      { model: at('run'), input: 'a', output: at('ab.arrow'), mean: either('ab.arrow', 127.5, 120) },
    ],
    'b.json': [
      'evaluate',
      {
        model: at('run'),
        inputs: [at('b.bin')],
        output: at('b.json'),
        'no-flip': either('b.json', false, true),
        expect: { accuracy: '>= 0' },
      },
    ],
    'page.html': [
      'report',
      { inputs: ['ab', at('run')], output: at('page.html'), photos: either('page.html', 2, 3) },
    ],
    'model.onnx': [
      'export',
      { run: at('run'), output: at('model.onnx'), last: either('model.onnx', false, true) },
    ],
  }
}

/** What reads what, near and far. */
const ofA = [
  'ab',
  'clean',
  'shuffled',
  'part',
  'unpacked',
  'b.bin',
  'run',
  'ab.arrow',
  'b.json',
  'model.onnx',
  'page.html',
]
const followers: Record<string, string[]> = {
  faces: ['b', 'ab', 'shuffled', 'page.html'],
  aligned: ['a', ...ofA],
  a: ofA,
  b: ['ab', 'shuffled', 'page.html'],
  ab: ['shuffled', 'page.html'],
  part: ['unpacked'],
  'b.bin': ['b.json'],
  run: ['ab.arrow', 'b.json', 'model.onnx', 'page.html'],
}

const CONFIG = `
network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}
embedding_size: 8
batch_size: 4
num_epoch: 1
max_steps: 1
num_workers: 1
`

function pipeline(changed?: string): string {
  const path = at('all.yaml')
  const steps = Object.values(optionsOf(changed)).map(([stage, options]) => ({ [stage]: options }))
  writeFileSync(path, JSON.stringify({ datasets: at('datasets'), steps }))
  return path
}

const running: RunStage = (stage, options, { step: _, mostJobs, ...settings }) =>
  runStage(stage, options, { ...settings, shardsFor: mostJobs, progress: silentProgress })

async function run(changed?: string): Promise<PipelineSummary> {
  const loaded = await loadPipeline(pipeline(changed), { stageNames, loadStage })
  const signal = new AbortController().signal
  const { summary } = await runPipeline(loaded, { runStage: running, jobs: 1, signal, log: silentLog })
  return summary
}

/** By the name that the steps have here: that of `unpacked` changes with its output. */
async function planned(changed?: string): Promise<Record<string, string[]>> {
  const loaded = await loadPipeline(pipeline(changed), { stageNames, loadStage })
  const plan = await planPipeline(loaded, { signal: new AbortController().signal })
  const nameOf = (step: string) => (basename(step) === 'elsewhere' ? 'unpacked' : basename(step))
  return Object.fromEntries(plan.map(({ step, reasons }) => [nameOf(step), reasons]))
}

describe('every stage', () => {
  let first: PipelineSummary

  beforeAll(async () => {
    const lines: string[] = []
    for (let identity = 0; identity < 4; identity++) {
      mkdirSync(at(`photos/p${identity}`), { recursive: true })
      for (let image = 0; image < 3; image++) {
        const path = `p${identity}/${image}.jpg`
        writeFileSync(at(`photos/${path}`), encodeJpeg(renderFace(3, identity, image), 95))
        lines.push(landmarkLine(path, { score: 1, landmarks: [...arcfaceTemplate(112)].flat() }))
      }
    }
    writeFileSync(at('landmarks.tsv'), `${LANDMARK_HEADER}\n${lines.join('')}`)
    writeFileSync(at('tiny.yaml'), CONFIG)
    writeFileSync(at('other.yaml'), `${CONFIG}lr: 0.05\n`)
    first = await run()
  }, 120_000)

  it('is in the pipeline, and runs', () => {
    expect(new Set(first.steps.map(({ stage }) => stage))).toEqual(new Set(stageNames))
    expect(first.steps.filter(({ outcome }) => outcome !== 'done')).toEqual([])
  })

  it('tells its measures before it publishes', async () => {
    for (const { stage, counts } of first.steps) {
      expect([stage, Object.keys(counts).sort()]).toEqual([
        stage,
        // Without val_targets, a run has no accuracy.
        stage === 'train' ? [] : [...((await loadStage(stage)).measures ?? [])].sort(),
      ])
    }
    const counts = Object.fromEntries(first.steps.map(({ step, counts }) => [basename(step), counts]))
    expect(counts['ab']).toEqual({ images: 24, identities: 8 })
    expect(counts['b.bin']).toEqual({ images: 8, pairs: 4 })
    expect(counts['aligned']).toEqual({ images: 12 })
  })

  it('is fresh when nothing changed, whatever the times of its config and its photos’ lists', async () => {
    utimesSync(at('landmarks.tsv'), 1, 1)
    writeFileSync(at('tiny.yaml'), `# Another comment.\n${CONFIG}`)
    expect(new Set((await run()).steps.map(({ outcome }) => outcome))).toEqual(new Set(['fresh']))
  }, 60_000)

  it.each(Object.keys(optionsOf()))(
    '%s runs again when an option of it changed, with what depends on it',
    async (name) => {
      const reasons = await planned(name)
      const own = reasons[name]!.join('; ')
      if (name === 'unpacked') expect(own).toBe('new')
      else expect(own).toMatch(/^options changed: [\w-]+$/)
      const runs = Object.keys(reasons).filter((step) => reasons[step]!.length > 0)
      expect(runs.sort()).toEqual([name, ...(followers[name] ?? [])].sort())
    },
  )

  it.each([
    ['the first bytes of a dataset', 'datasets/ab/train.rec', 'ab', ['shuffled', 'page.html']],
    ['an image of a folder', 'faces', 'faces', followers['faces']!],
    ['the model of a run', 'run/model.onnx', 'run', followers['run']!],
    ['a bin', 'b.bin', 'b.bin', ['b.json']],
    ['what says how pairs fall into folds', 'b.bin.json', 'b.bin', ['b.json']],
    ['the second part of a split', 'datasets/part-val/manifest.arrow', 'part', ['unpacked']],
  ])(
    'makes %s again where it was damaged, and nothing that is whole',
    async (_, file, name, needing) => {
      const path = file === 'faces' ? await firstImage() : at(file)
      const { openSync, writeSync, closeSync } = await import('node:fs')
      const descriptor = openSync(path, 'r+')
      writeSync(descriptor, Buffer.from('damaged'), 0, 7, 40)
      closeSync(descriptor)
      const reasons = await planned()
      expect(reasons[name]!.join()).toMatch(/artifact (is not what the last run wrote|cannot be read): /)
      const summary = await run()
      const ran = summary.steps.filter(({ outcome }) => outcome !== 'fresh')
      expect(outcomes({ ...summary, steps: ran }).every((text) => text.endsWith(': done'))).toBe(true)
      expect(ran.length).toBeGreaterThan(0)
      const names = ran.map(({ step }) => basename(step))
      expect(names).toContain(name)
      for (const other of names) expect([name, ...needing]).toContain(other)
      expect(new Set((await run()).steps.map(({ outcome }) => outcome))).toEqual(new Set(['fresh']))
    },
    60_000,
  )
})

async function firstImage(): Promise<string> {
  const { readdirSync } = await import('node:fs')
  const [person] = readdirSync(at('faces')).filter((name) => !name.startsWith('.'))
  const [image] = readdirSync(at(`faces/${person}`))
  return at(`faces/${person}/${image}`)
}
