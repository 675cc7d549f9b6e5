import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type JsonSchema, pipelineJsonSchema } from '../../src/pipeline/json-schema.js'
import { loadStage, stageNames } from '../../src/stages/registry.js'

const folder = resolve(import.meta.dirname, '../../pipelines')
const pipelines = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const published = JSON.parse(readFileSync(join(folder, 'pipeline.schema.json'), 'utf8')) as JsonSchema
const accepts = new Ajv.default({ strict: true, allowUnionTypes: true }).compile(published)

describe('the JSON Schema of pipelines', () => {
  it('is up to date: npm run schema', async () => {
    const now = await pipelineJsonSchema({ stageNames, loadStage })
    expect(published).toEqual(JSON.parse(JSON.stringify(now)))
  })

  it('tells the meaning of every key', () => {
    const undescribed = (node: JsonSchema): string[] =>
      Object.entries(node.properties ?? {}).flatMap(([key, inner]) => [
        ...(inner.description ? [] : [key]),
        ...undescribed(inner),
      ])
    expect(undescribed(published)).toEqual([])
    expect(undescribed(published.properties!['steps']!.items!)).toEqual([])
  })

  it.each(pipelines)('accepts pipelines/%s, which names it', (name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true)
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/pipeline\.schema\.json$/m)
  })

  it.each([
    'steps: [pack: {inputs: [a]}]',
    'steps: [pack: {inputs: [a], size: "${SIZE:-112}", strict: "${STRICT}", expect: {images: ">= 0.98 of current"}}]',
    'steps: [evaluate: {model: m.onnx, inputs: [lfw], expect: {accuracy: ">= 0.95"}}]',
    'steps: [train: ]',
  ])('accepts %s', (yaml) => {
    expect(accepts(parse(yaml)), JSON.stringify(accepts.errors)).toBe(true)
  })

  it.each([
    'steps: []',
    'name: nightly',
    'steps: [pack: {inputs: [a], sizes: 112}]',
    'steps: [pack: {inputs: [a], size: large}]',
    'steps: [pack: {inputs: [a], fit: round}]',
    'steps: [pack: {inputs: [a], replace: true}]',
    'steps: [pack: {inputs: [a], expect: {images: many}}]',
    'steps: [pack: {inputs: [a], expect: {accuracy: ">= 0.9"}}]',
    'steps: [pack: {inputs: [a], expect: {free: ">= 20"}}]',
    'steps: [{pack: {inputs: [a]}, merge: {inputs: [a, b]}}]',
    'steps: [merg: {inputs: [a, b]}]',
    '{steps: [pack: {inputs: [a]}], dataset: x}',
  ])('refuses %s', (yaml) => {
    expect(accepts(parse(yaml))).toBe(false)
  })
})
