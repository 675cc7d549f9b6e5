import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Folder of real photos, golden files and models (see CONTRIBUTING.md), or undefined where it is absent. */
export function testData(): string | undefined {
  const folder = process.env['FACEDATA_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')
  return existsSync(folder) ? folder : undefined
}
