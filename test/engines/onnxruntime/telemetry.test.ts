import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'

const dist = resolve(import.meta.dirname, '../../../dist')
let home = ''
afterEach(() => rm(home, { recursive: true, force: true }))

/** What a program that loads the runtime leaves in the home folder: the runtime keeps its reports there until they are sent. */
async function leftInHome(program: string[]): Promise<string[]> {
  home = await mkdtemp(join(tmpdir(), 'facedata-telemetry-'))
  // In a CI the runtime is silent by itself.
  const { CI: _, ORT_DISABLE_TELEMETRY: __, XDG_CACHE_HOME: ___, ...environment } = process.env
  await promisify(execFile)(process.execPath, program, { env: { ...environment, HOME: home } })
  return readdir(home, { recursive: true })
}

test('the command line has the runtime report nothing', async () => {
  expect(await leftInHome([join(dist, 'cli/cli.js'), 'doctor'])).toEqual([])
})

test('so has the library', async () => {
  const program = `
    import { openModel } from ${JSON.stringify(join(dist, 'index.js'))}
    const { InferenceSession } = await import('onnxruntime-node')
    await InferenceSession.create(new Uint8Array(8)).catch(() => {})`
  expect(await leftInHome(['--input-type=module', '-e', program])).toEqual([])
})
