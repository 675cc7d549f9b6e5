import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

/** From the top down. A folder imports from itself and from rows below its own; folders of one row are strangers. */
const LAYERS = [
  ['cli'],
  ['browser'],
  ['pipeline'],
  ['cluster'],
  ['handoff'],
  ['overlap'],
  ['stages'],
  ['reports'],
  ['repairs'],
  ['inspections'],
  ['training'],
  ['curation'],
  ['identities'],
  ['embeddings'],
  ['verification'],
  ['alignment'],
  ['engines'],
  ['network'],
  ['onnx'],
  ['dataset'],
  ['synthesis'],
  ['image'],
  ['tensorboard', 'pytorch'],
  ['charts'],
  ['pages'],
  ['recordio', 'arrow', 'pickle', 'protobuf', 'safetensors', 'archives', 'csv'],
  ['workers'],
  ['locks'],
  ['progress'],
  ['terminal'],
  ['random'],
  ['hash'],
  ['io'],
  ['errors'],
]

const source = resolve(import.meta.dirname, '../../src')

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

function rowOf(folder: string): number {
  return LAYERS.findIndex((row) => row.includes(folder))
}

describe('layers', () => {
  it('gives every folder of src/ a place', () => {
    const folders = new Set(files.filter((file) => file.includes(sep)).map((file) => file.split(sep)[0]!))
    expect([...folders].filter((folder) => rowOf(folder) === -1)).toEqual([])
    expect(LAYERS.flat().filter((folder) => !folders.has(folder))).toEqual([])
  })

  it('imports downwards only', () => {
    const climbs: string[] = []
    for (const file of files) {
      const folder = file.split(sep)[0]!
      for (const [, target] of readFileSync(join(source, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
        const imported = relative(source, resolve(source, dirname(file), target!)).split(sep)[0]!
        const above = rowOf(imported) < rowOf(folder)
        const stranger = rowOf(imported) === rowOf(folder) && imported !== folder
        if (file.includes(sep) && (above || stranger)) climbs.push(`${file} imports ${target}`)
      }
    }
    expect(climbs).toEqual([])
  })

  it('keeps files short enough to hold in the head', () => {
    const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 350)
    expect(long).toEqual([])
  })
})
