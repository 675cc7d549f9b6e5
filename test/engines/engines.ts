import { describe } from 'vitest'
import type { Engine } from '../../src/engines/index.js'
import { addonCandidates } from '../../src/engines/tensorflow/addon/addon-candidates.js'

/** Whether tests of TensorFlow are skipped. An addon that is there and does not load lets them fail. */
export const tensorflowMissing = addonCandidates().length === 0

/** Of titles of what is skipped without it. */
export const NEEDS_TENSORFLOW = 'needs facedata engine install tensorflow'

const missing: Readonly<Record<Engine, string | undefined>> = {
  onnxruntime: undefined,
  tensorflow: tensorflowMissing ? NEEDS_TENSORFLOW : undefined,
}

/** The same tests on every engine; skipped, with the reason, on one that is not installed. */
export function describeOnEngines(title: string, body: (engine: Engine) => void): void {
  for (const [engine, need] of Object.entries(missing) as [Engine, string | undefined][]) {
    const reason = need === undefined ? '' : ` (${need})`
    describe.skipIf(need !== undefined)(`${title} on ${engine}${reason}`, () => body(engine))
  }
}
