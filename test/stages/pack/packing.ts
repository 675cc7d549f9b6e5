import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { Dataset } from '../../../src/dataset/index.js'
import type { Log } from '../../../src/progress/progress.js'
import { pack } from '../../../src/stages/pack/pack.js'
import type { PackResult } from '../../../src/stages/pack/result.js'
import { localRun } from '../../cluster/local-run.js'
import { picture } from '../../image/pictures.js'

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'facedata-pack-'))
  made.push(folder)
  return folder
}

/** Writes files, given by their path, into a new folder of the given name. */
export function writeTree(files: Record<string, Uint8Array | string>, name = 'people'): string {
  const root = join(temporaryFolder(), name)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** A JPEG that pack stores as it is at `--size 16`; each quality gives other bytes. */
export function aligned(quality = 90): Promise<Buffer> {
  return picture(16, 16).jpeg({ quality }).toBuffer()
}

export interface Packed extends PackResult {
  warnings: string[]
  skippedLines: { source: string; path: string; reason: string }[]
}

/** Plans, works on every shard in turn, and finishes, with a size of 16 unless the options name another. */
export async function packFolders(
  inputs: string[],
  options: Record<string, unknown> = {},
  run: { shards?: number; strict?: boolean; replace?: boolean } = {},
): Promise<Packed> {
  const output = (options['output'] as string | undefined) ?? join(temporaryFolder(), 'packed')
  const parsed = pack.options.parse({ size: 16, ...options, inputs, output })
  const warnings: string[] = []
  const log: Log = { info() {}, warn: (message) => warnings.push(message) }
  const { strict = false, replace = false } = run
  const context = { ...localRun({ log, strict, replace }), scratch: join(dirname(output), '.scratch') }
  const plan = JSON.parse(JSON.stringify(await pack.plan(parsed, run.shards ?? 1)))
  const results = []
  for (const shard of plan.shards) results.push(await pack.work(shard, context))
  const result = await pack.finish(plan, results, context)
  const lines = readFileSync(join(output, 'skipped.jsonl'), 'utf8').split('\n').filter(Boolean)
  return { ...result, warnings, skippedLines: lines.map((line) => JSON.parse(line)) }
}

/** What a dataset holds: name of the identity and bytes of each image, in file order. */
export async function contents(
  output: string,
): Promise<{ key: number; label: number; name: string | undefined; bytes: Buffer }[]> {
  const dataset = await Dataset.open(output)
  const names = await dataset.identityNames()
  const found = []
  for await (const { key, label, bytes } of dataset.images()) {
    found.push({ key, label, name: names[label], bytes: Buffer.from(bytes) })
  }
  await dataset.close()
  return found
}
