import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packageIndex } from '../../../../src/engines/tensorflow/install/package-index.js'

describe('packageIndex', () => {
  const folder = mkdtempSync(join(tmpdir(), 'facedata-index-'))
  const file = join(folder, 'pip.conf')
  writeFileSync(file, '[global]\ntimeout = 60\nindex-url = https://file.example/simple/\n')
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is the one that is named, else that of the environment, else that of a file of pip', () => {
    const environment = { PIP_CONFIG_FILE: file, PIP_INDEX_URL: 'https://environment.example/simple' }
    expect(packageIndex('https://named.example/simple', environment).url).toBe('https://named.example/simple')
    expect(packageIndex(undefined, environment).url).toBe('https://environment.example/simple')
    expect(packageIndex(undefined, { PIP_CONFIG_FILE: file }).url).toBe('https://file.example/simple')
  })

  it('sends the password of an address beside it', () => {
    expect(packageIndex('https://me:a%2Fb@named.example/simple')).toEqual({
      url: 'https://named.example/simple',
      headers: { authorization: `Basic ${Buffer.from('me:a/b').toString('base64')}` },
    })
  })

  it('refuses what is no address', () => {
    expect(() => packageIndex('/opt/wheels')).toThrow('must be an http or https address')
  })
})
