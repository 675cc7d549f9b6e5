import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** A fresh folder for each test, as `workspace.folder`. */
export function useWorkspace(): { folder: string; pipeline(text: string): string } {
  const workspace = {
    folder: '',
    /** Writes a pipeline whose datasets folder is `datasets` in the workspace; its lines begin at line 2. */
    pipeline(text: string): string {
      const path = join(workspace.folder, 'pipeline.yaml')
      writeFileSync(path, `datasets: ${join(workspace.folder, 'datasets')}\n${text}`)
      return path
    },
  }
  beforeEach(() => {
    workspace.folder = mkdtempSync(join(tmpdir(), 'facedata-pipeline-'))
  })
  afterEach(() => rmSync(workspace.folder, { recursive: true }))
  return workspace
}
