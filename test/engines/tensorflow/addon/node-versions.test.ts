import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addonCandidates } from '../../../../src/engines/tensorflow/addon/addon-candidates.js'
import { otherNodes } from '../../../nodes/nodes.js'
import { tensorflowMissing } from '../../engines.js'

const skipped = tensorflowMissing || otherNodes.size === 0
const ENTRY = resolve(import.meta.dirname, '../../../../dist/engines/tensorflow/addon/trial-entry.js')

describe.skipIf(skipped)(
  `the native addon${skipped ? ' (needs facedata engine install tensorflow and test/nodes/install.sh)' : ''}`,
  () => {
    it.each([...otherNodes])('computes in Node.js %s', (_, node) => {
      const output = execFileSync(node, [ENTRY, addonCandidates()[0]!.path], {
        encoding: 'utf8',
        stdio: 'pipe',
      })
      expect(JSON.parse(output)).toMatchObject({ square: [7, 10, 15, 22] })
    })
  },
)
