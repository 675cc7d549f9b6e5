import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { UsageError } from '../../errors/index.js'
import { byBytes } from './byte-order.js'

/**
 * The inputs as absolute paths. A pattern such as `shards/*.tar` stands for what it matches, in the order of bytes: in
 * a pipeline file no shell expands it. A path that exists is taken as it is, whatever characters it has.
 * @throws UsageError for a pattern that matches nothing
 */
export function expandPatterns(inputs: string[]): string[] {
  return inputs.flatMap((input) =>
    existsSync(input) || !fastGlob().isDynamicPattern(input) ? [resolve(input)] : matches(input),
  )
}

function matches(pattern: string): string[] {
  const found = fastGlob().sync(pattern, { onlyFiles: false, absolute: true }).sort(byBytes)
  if (found.length === 0) throw new UsageError(`the pattern ${pattern} matches no file or folder`)
  return found
}

/** Loaded for the first input that is not there as it is written: most commands need no pattern. */
function fastGlob(): typeof import('fast-glob') {
  return createRequire(import.meta.url)('fast-glob')
}
