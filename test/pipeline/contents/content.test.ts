import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Content, contentOf, UNREADABLE } from '../../../src/pipeline/contents/content.js'
import { KnownContents } from '../../../src/pipeline/contents/known-contents.js'
import { lookAt } from '../../../src/pipeline/freshness.js'
import type { Step } from '../../../src/pipeline/step.js'
import type { StepRecord } from '../../../src/pipeline/step-record.js'
import { FOLDER_MARK } from '../../../src/stages/published-folder.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'facedata-content-'))
  mkdirSync(join(folder, 'photos', 'ann'), { recursive: true })
  for (const name of ['1', '2']) write(`photos/ann/${name}.jpg`, name)
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
const LONG_AGO = new Date('2026-01-02T03:04:05Z')

/** A file with a time of long ago, so that it is told by its size and time. */
function write(name: string, text: string): void {
  writeFileSync(at(name), text)
  utimesSync(at(name), LONG_AGO, LONG_AGO)
}

const content = (path: string, known?: Content) => contentOf({ path: at(path), kind: 'folder' }, { known })

describe('the content of a folder of photos', () => {
  it('is told by names, sizes and times, and changes with any of them', async () => {
    const before = (await content('photos'))!
    expect(await content('photos', before)).toEqual(before)
    write('photos/ann/1.jpg', '3')
    expect(await content('photos', before)).toEqual(before)
    write('photos/ann/1.jpg', '33')
    expect((await content('photos', before))!.digest).not.toBe(before.digest)
    write('photos/ann/1.jpg', '1')
    write('photos/ann/3.jpg', '3')
    expect((await content('photos', before))!.digest).not.toBe(before.digest)
  })

  it('is told by the bytes of what was written just before it was looked at', async () => {
    writeFileSync(at('photos/ann/1.jpg'), 'x')
    const { atimeMs, mtimeMs } = statSync(at('photos/ann/1.jpg'))
    const before = (await content('photos'))!
    expect(await content('photos', before)).toEqual(before)
    writeFileSync(at('photos/ann/1.jpg'), 'y')
    utimesSync(at('photos/ann/1.jpg'), atimeMs / 1000, mtimeMs / 1000)
    expect((await content('photos', before))!.digest).not.toBe(before.digest)
  })

  it('follows links, passes over those that lead nowhere, and ends where they go round', async () => {
    const before = (await content('photos'))!
    symlinkSync('gone', at('photos/ann/gone.jpg'))
    symlinkSync('itself.jpg', at('photos/ann/itself.jpg'))
    symlinkSync('..', at('photos/ann/up'))
    expect(await content('photos', before)).toEqual(before)
    write('elsewhere.jpg', 'far')
    symlinkSync(at('elsewhere.jpg'), at('photos/ann/elsewhere.jpg'))
    expect((await content('photos', before))!.digest).not.toBe(before.digest)
  })
})

describe('the content of a folder that facedata wrote', () => {
  it('is that of its bytes, whatever their times', async () => {
    write(`photos/${FOLDER_MARK}`, '{}')
    const before = (await content('photos'))!
    utimesSync(at('photos/ann/1.jpg'), 1, 1)
    const touched = (await content('photos', before))!
    expect([touched.digest, touched.state === before.state]).toEqual([before.digest, false])
    write('photos/ann/1.jpg', '3')
    expect((await content('photos', touched))!.digest).not.toBe(before.digest)
  })
})

describe('an input that cannot be read', () => {
  it('is never taken for the same as before: what it holds is not known', async () => {
    const path = at('photos')
    expect((await contentOf({ path, kind: 'dataset' }))!.digest).toBe(UNREADABLE)
    const step = {
      stage: { name: 'report', inputs: async () => [{ path, kind: 'dataset' }] },
      options: {},
      run: {},
      output: { path: at('page'), kind: 'file', temporary: true },
    } as unknown as Step
    const settings = { known: new KnownContents(), reread: false, signal: new AbortController().signal }
    const first = await lookAt(step, undefined, settings)
    const { TOOL } = await import('../../../src/dataset/index.js')
    const record = { tool: TOOL, options: first.options, inputs: first.inputs, outputs: [] }
    const again = await lookAt(step, record as unknown as StepRecord, settings)
    expect(again.reasons).toEqual([`inputs cannot be read: ${path}`])
  })
})
