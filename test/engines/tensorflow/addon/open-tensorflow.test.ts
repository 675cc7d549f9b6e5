import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addonCandidates } from '../../../../src/engines/tensorflow/addon/addon-candidates.js'
import { findTensorFlow } from '../../../../src/engines/tensorflow/addon/find-tensorflow.js'
import { openTensorFlow } from '../../../../src/engines/tensorflow/addon/open-tensorflow.js'
import { warningsOf } from '../../../../src/engines/tensorflow/addon/try-addon.js'
import { NEEDS_TENSORFLOW, tensorflowMissing } from '../../engines.js'

describe('TensorFlow', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facedata-engines-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** An engine that is none but for its description. */
  function writeEngine(name: string, description: Record<string, unknown> | string): void {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'tfjs_binding.node'), 'no addon')
    writeFileSync(
      join(folder, name, 'engine.json'),
      typeof description === 'string'
        ? description
        : JSON.stringify({ wheels: {}, addon: 'x', ...description }),
    )
  }

  const installed = () => addonCandidates(folder).filter(({ source }) => source === 'installed engine')

  it('is looked for with CUDA first, then the newer one', () => {
    writeEngine('tensorflow-2.9.1', { tensorflow: '2.9.1', gpu: false })
    writeEngine('tensorflow-2.20.0', { tensorflow: '2.20.0', gpu: false })
    writeEngine('tensorflow-2.18.0-gpu', { tensorflow: '2.18.0', gpu: true, cuda: '12.5.82' })
    expect(installed().map(({ path }) => path)).toEqual(
      ['tensorflow-2.18.0-gpu', 'tensorflow-2.20.0', 'tensorflow-2.9.1'].map((name) =>
        join(folder, name, 'tfjs_binding.node'),
      ),
    )
    expect(installed().map(({ cuda }) => cuda)).toEqual(['12.5.82', undefined, undefined])
  })

  it('is not what has no description, or half of one', () => {
    writeEngine('tensorflow-2.20.0', '{"tensorflow": "2.2')
    mkdirSync(join(folder, 'tensorflow-2.19.0'))
    mkdirSync(join(folder, '.tensorflow-2.20.0.1.tmp'))
    expect(installed()).toEqual([])
    expect(
      addonCandidates(join(folder, 'none')).filter(({ source }) => source === 'installed engine'),
    ).toEqual([])
  })

  it('is refused, with the fix, where there is none and where none loads', () => {
    expect(() => openTensorFlow([])).toThrow(
      'TensorFlow is not installed. Build it: facedata engine install tensorflow (with --gpu',
    )
    writeEngine('tensorflow-2.20.0', { tensorflow: '2.20.0', gpu: false })
    expect(() => openTensorFlow(installed())).toThrow(
      /^the installed engine .*tensorflow-2\.20\.0\/tfjs_binding\.node does not load: .*\. Build it: /s,
    )
  })

  it('is tried in another process, and what does not load there is named', async () => {
    writeEngine('tensorflow-2.20.0', { tensorflow: '2.20.0', gpu: false })
    const { found, problems } = await findTensorFlow(installed())
    expect(found).toBeUndefined()
    expect(problems).toEqual([
      expect.stringMatching(/^installed engine: .*tfjs_binding\.node does not run here: /),
    ])
  })

  it.skipIf(tensorflowMissing)(
    `is the next one where the first does not load (${NEEDS_TENSORFLOW})`,
    async () => {
      writeEngine('tensorflow-9.0.0', { tensorflow: '9.0.0', gpu: false })
      const candidates = [...installed(), ...addonCandidates()]
      const { found, problems } = await findTensorFlow(candidates)
      expect(found).toMatchObject({
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        path: candidates[1]!.path,
      })
      expect(problems).toHaveLength(1)
    },
  )
})

describe('warningsOf', () => {
  it('finds what TensorFlow complained of in both forms of its log, and nothing that it only tells', () => {
    const log = [
      '2026-01-31 12:00:00.000000: I core/cpu_feature_guard.cc:210] This TensorFlow binary is optimized',
      '2026-01-31 12:00:00.000000: W core/gpu_device.cc:2344] Cannot dlopen some GPU libraries.',
      'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
      'I0000 00:00:1769860800.000000    1234 mlir_pass.cc:437] MLIR V1 optimization pass is not enabled',
      'E0000 00:00:1769860800.000000    1234 cuda_executor.cc:99] failed call to cuInit',
    ].join('\n')
    expect(warningsOf(log)).toEqual(['Cannot dlopen some GPU libraries.', 'failed call to cuInit'])
  })
})
