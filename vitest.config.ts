import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.js'
import { vulkanLoaderFolder } from './test/swiftshader.js'

if (vulkanLoaderFolder !== undefined) {
  process.env['LD_LIBRARY_PATH'] = [vulkanLoaderFolder, process.env['LD_LIBRARY_PATH']]
    .filter(Boolean)
    .join(':')
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
