import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take longest on two cores, longest first. Without durations of an earlier run, vitest begins with the
 * files of most bytes, which leaves some of these to the end, where the other core waits for them.
 */
const LONGEST = [
  'test/engines/mixed-precision-steps.test.ts',
  'test/engines/onnxruntime/webgpu/training.test.ts',
  'test/faults/kill.test.ts',
  'test/engines/training-session.test.ts',
  'test/pipeline/quickstart.test.ts',
  'test/dataset/float32-border.test.ts',
  'test/stages/merge/identities.test.ts',
  'test/cluster/killed.test.ts',
  'test/engines/training-steps.test.ts',
  'test/browser/pages.test.ts',
  'test/engines/tensorflow/install/install-tensorflow.test.ts',
  'test/engines/change-of-engine.test.ts',
  'test/cluster/sharded-stages.test.ts',
  'test/engines/whole-step-gradients.test.ts',
  'test/engines/tensorflow/batch-norm-loops.test.ts',
]

/** Starts the longest files first, and the others in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config
    for (const file of LONGEST) {
      if (!existsSync(join(root, file)))
        throw new Error(`${file} is gone: mend the list in test/longest-first.ts`)
    }
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.indexOf(relative(root, moduleId))
      return found === -1 ? LONGEST.length : found
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
