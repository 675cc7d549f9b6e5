import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { hashToHex, xxh64 } from '../../src/hash/xxh64.js'
import { readWholeFile } from '../../src/io/index.js'
import { type PairScores, writePairScores, writeSidecar } from '../../src/verification/index.js'
import { temporaryFolder } from '../temporary-folder.js'
import { grayJpeg, writeBin } from '../verification/bins.js'
import { writeBrightnessModel } from '../verification/brightness-model.js'
import { makeReport, outlineOf } from './report-page.js'

const HOSTILE = '<script>alert(1)</script>'
const PAIRS = 40

let folder: string
let bin: string

/** Even pairs are of one person. Every tenth pair is judged wrongly. */
function scores(): PairScores {
  const same = Uint8Array.from({ length: PAIRS }, (_, pair) => (pair % 2 === 0 ? 1 : 0))
  const distances = Float64Array.from(same, (kind, pair) => {
    const near = (kind === 1) !== pair % 10 < 2
    return near ? 0.2 + pair / 10_000 : 2.1 - pair / 10_000
  })
  return { bin: 'pairs', same, distances, folds: Int32Array.from(same, (_, pair) => Math.floor(pair / 20)) }
}

interface RunContent {
  steps?: number
  lossAt?: (step: number) => number | null
  last?: string
  kept?: boolean
  config?: string
}

async function writeRun(
  name: string,
  { steps = 200, lossAt = (step) => 40 / step, last = '', kept = true, config = '' }: RunContent = {},
): Promise<string> {
  const path = join(folder, 'runs', name)
  mkdirSync(join(path, 'checkpoints'), { recursive: true })
  writeFileSync(
    join(path, 'config.yaml'),
    `dataset: umd\nval_targets: [${JSON.stringify(bin)}]\noutput: ${JSON.stringify(path)}\n${config}`,
  )
  const lines = Array.from({ length: steps / 10 }, (_, i) => {
    const step = 10 * (i + 1)
    const line = {
      step,
      epoch: Math.floor(step / 100),
      loss: lossAt(step),
      learning_rate: 0.1,
      images_per_second: 21,
    }
    const verified = {
      step,
      epoch: 0,
      val_target: 'pairs',
      accuracy: 0.5 + step / 1000,
      spread: 0,
      threshold: 1,
    }
    return step % 100 === 0 ? [line, verified] : [line]
  })
  writeFileSync(
    join(path, 'log.jsonl'),
    lines
      .flat()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('') + last,
  )
  if (kept) await writePairScores(join(path, 'verification', 'pairs.arrow'), scores(), 200)
  return path
}

beforeAll(async () => {
  folder = temporaryFolder()
  bin = join(folder, 'pairs.bin')
  const images = Array.from({ length: 2 * PAIRS }, (_, i) => grayJpeg(20 + 2 * i))
  const { same, folds } = scores()
  await writeBin(
    bin,
    images,
    Array.from(same, (kind) => kind === 1),
  )
  const bytes = await readWholeFile(bin)
  await writeSidecar(bin, {
    bin: { bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) },
    source: {},
    pairs: Array.from(same, (kind, pair) => ({
      fold: folds[pair]!,
      same: kind === 1,
      images: [`${HOSTILE}/${pair}.jpg`, `ann/${pair}.jpg`] as [string, string],
    })),
  })
})

const output = (name: string) => join(folder, 'pages', `${name}.html`)

describe('report of a run', () => {
  it('has its curves, its scores and its hardest pairs', async () => {
    const { document, result } = await makeReport({ inputs: [await writeRun('one')], output: output('one') })
    expect(outlineOf(document)).toEqual([
      '1 one',
      '2 Training one',
      '3 Loss',
      '3 Learning rate',
      '3 Speed',
      '3 Accuracy on pairs',
      '3 ROC on pairs',
      '3 DET on pairs',
      '3 Verification by the best weights',
      '2 Pairs and config',
      '3 Scores on pairs',
      '3 Hardest pairs of pairs',
      '3 Config',
    ])
    expect(document.querySelectorAll('figure.chart svg[role="img"]').length).toBe(7)
    expect(result.runs).toMatchObject([
      { name: 'one', steps: 200, loss: 0.2, highest: { pairs: 0.7 }, bins: [{ bin: 'pairs' }], faults: [] },
    ])
  })

  it('shows the pairs that are furthest on the wrong side, with their photos and names as text', async () => {
    const { document } = await makeReport({ inputs: [await writeRun('hard')], output: output('hard') })
    const [accepts, rejects] = [...document.querySelectorAll('.pairs')].map((group) =>
      [...group.querySelectorAll('figcaption')].map((caption) => caption.textContent!),
    )
    expect(accepts!.map((text) => /pair (\d+)/.exec(text)![1])).toEqual(['1', '11', '21', '31'])
    expect(rejects!.map((text) => /pair (\d+)/.exec(text)![1])).toEqual(['0', '10', '20', '30'])
    expect(accepts![0]).toContain('cosine 0.900')
    expect(accepts![0]).toContain(HOSTILE)
    expect(document.querySelectorAll('.pairs img').length).toBe(16)
    expect(document.querySelectorAll('script').length).toBe(0)
  })

  it('leaves photos and names out with --no-faces', async () => {
    const given = { inputs: [await writeRun('faceless')], output: output('faceless'), 'no-faces': true }
    const { document, text } = await makeReport(given)
    expect(document.querySelectorAll('img').length).toBe(0)
    expect(text).not.toContain('ann/')
    expect(document.querySelectorAll('.pairs figcaption').length).toBe(8)
  })

  it('shows several over each other, and in what their configs differ', async () => {
    const inputs = [await writeRun('a'), await writeRun('b', { config: 'lr: 0.02\n' })]
    const { document } = await makeReport({ inputs, output: output('several') })
    expect(document.querySelectorAll('#runs-losses [data-part="line"]').length).toBe(2)
    expect(document.querySelectorAll('#runs-0-roc [data-part="line"]').length).toBe(2)
    const rows = [...document.querySelectorAll('#runs ~ .card tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    )
    expect(rows).toContainEqual(['lr', '0.1', '0.02'])
    expect(rows.find(([key]) => key === 'batch_size')).toBeUndefined()
  })

  it('shows runs beside datasets', async () => {
    const { document } = await makeReport({ inputs: [await writeRun('c')], output: output('alone') })
    expect(document.querySelector('.kind')!.textContent).toBe('report of run')
  })

  it('is the same file each time', async () => {
    const inputs = [await writeRun('same')]
    const first = await makeReport({ inputs, output: output('same-1') })
    expect((await makeReport({ inputs, output: output('same-2') })).text).toBe(first.text)
  })
})

describe('a model that is never wrong', () => {
  it('has a ROC from the left edge to the right one, all accepted', async () => {
    const run = await writeRun('perfect')
    const { same, folds } = scores()
    const distances = Float64Array.from(same, (kind) => (kind === 1 ? 0.1 : 2))
    await writePairScores(
      join(run, 'verification', 'pairs.arrow'),
      { bin: 'pairs', same, folds, distances },
      200,
    )
    const { document } = await makeReport({ inputs: [run], output: output('perfect') })
    const rows = [...document.querySelectorAll('#runs-0-roc tbody tr')].map((row) => row.textContent)
    expect(rows).toEqual(['0.011', '11'])
    const path = document.querySelector('#runs-0-roc [data-part="line"] path')!.getAttribute('d')!
    const [left, right] = [/^M([\d.]+)/, /([\d.]+),[\d.]+$/].map((form) => Number(form.exec(path)![1]))
    expect(right! - left!).toBeGreaterThan(300)
  })
})

describe('a run that kept no scores', () => {
  it('is judged by its model', async () => {
    const run = await writeRun('model', { kept: false })
    await writeBrightnessModel(join(run, 'model.onnx'))
    const { document, result } = await makeReport({ inputs: [run], output: output('model') })
    expect(result.runs[0]!.bins).toHaveLength(1)
    expect(document.body.textContent).toContain('model.onnx')
  })

  it('has no curves of pairs where it has no model either', async () => {
    const run = await writeRun('bare', { kept: false })
    const { document, result } = await makeReport({ inputs: [run], output: output('bare') })
    expect(result.runs[0]).toMatchObject({ bins: [], faults: [] })
    expect(outlineOf(document)).not.toContain('3 ROC on pairs')
  })
})

describe('a run of which a bin is damaged', () => {
  it('is judged by the others', async () => {
    const run = await writeRun('one-bin', { kept: false })
    const broken = join(folder, 'broken.bin')
    writeFileSync(broken, 'no bin')
    const targets = [broken, bin].map((path) => JSON.stringify(path))
    writeFileSync(join(run, 'config.yaml'), `dataset: umd\noutput: x\nval_targets: [${targets}]\n`)
    await writeBrightnessModel(join(run, 'model.onnx'))
    const { result } = await makeReport({ inputs: [run], output: output('one-bin') })
    expect(result.runs[0]!.bins.map(({ bin: name }) => name)).toEqual(['pairs'])
    expect(result.runs[0]!.faults).toEqual([expect.stringContaining('broken.bin')])
  })

  it('or its model: the rest is shown', async () => {
    const run = await writeRun('no-model', { kept: false })
    writeFileSync(join(run, 'model.onnx'), 'no model')
    const { result } = await makeReport({ inputs: [run], output: output('no-model') })
    expect(result.runs[0]).toMatchObject({ steps: 200, bins: [] })
    expect(result.runs[0]!.faults).toEqual([expect.stringContaining('model.onnx')])
  })
})

describe('a run that is not whole', () => {
  const fault = async (name: string, content: RunContent) => {
    const page = await makeReport({ inputs: [await writeRun(name, content)], output: output(name) })
    return { ...page, box: page.document.querySelector('.faults')?.textContent ?? '' }
  }

  it('one that is being written', async () => {
    const { box, result } = await fault('torn', { last: '{"step":210,"epo' })
    expect(box).toContain('the last one, is not whole')
    expect(result.runs[0]!.steps).toBe(200)
  })

  it('one whose loss is no number any more', async () => {
    const { box, result, document } = await fault('nan', {
      lossAt: (step) => (step > 150 ? null : 3),
      last: `${JSON.stringify({ step: 205, epoch: 2, loss: null, learning_rate: 5, records: [1] })}\n`,
    })
    expect(box).toContain('training diverged at step 205: the loss is not a number')
    expect(result.runs[0]).toMatchObject({ state: 'diverged', loss: null })
    expect(document.querySelectorAll('#runs-losses svg').length).toBeGreaterThan(0)
  })

  it('one whose log has accuracies that are no numbers: the others are told', async () => {
    const accuracy = (step: number, value: number | null) =>
      `${JSON.stringify({ step, epoch: 2, val_target: 'other', accuracy: value, spread: 0 })}\n`
    const { result, text } = await fault('gaps', {
      last: accuracy(100, null) + accuracy(200, 0.75) + accuracy(300, 0.7) + accuracy(300, null),
    })
    expect(result.runs[0]!.highest).toEqual({ pairs: 0.7, other: 0.75 })
    expect(text).toContain('The best is 75.00 %, at step 200.')
    expect(text).toContain('last 70.00 %')
    expect(text).not.toContain('NaN')
    const { result: none } = await fault('no-number', { last: accuracy(100, null) })
    expect(none.runs[0]!.highest).toEqual({ pairs: 0.7, other: null })
  })

  it('one without a line, a config or scores that can be read', async () => {
    const run = await writeRun('empty', { steps: 0 })
    writeFileSync(join(run, 'config.yaml'), 'dataset: [')
    writeFileSync(join(run, 'verification', 'pairs.arrow'), 'no arrow')
    const { result, document } = await makeReport({ inputs: [run], output: output('empty') })
    expect(result.runs[0]!.faults.join('\n')).toMatch(
      /config\.yaml.*\n?.*log\.jsonl: it is empty.*\n?.*pairs\.arrow/s,
    )
    expect(document.querySelectorAll('#runs-losses svg').length).toBe(0)
  })

  it('one without its bin: no photos, and that is said', async () => {
    const run = await writeRun('binless')
    writeFileSync(join(run, 'config.yaml'), `dataset: umd\noutput: x\nval_targets: [gone.bin]\n`)
    const { document } = await makeReport({ inputs: [run], output: output('binless') })
    expect(document.querySelectorAll('.pairs img').length).toBe(0)
    expect(document.body.textContent).toContain('The bin is not at hand')
    rmSync(run, { recursive: true })
  })
})
