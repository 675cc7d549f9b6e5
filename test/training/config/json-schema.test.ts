import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configJsonSchema, type JsonSchema } from '../../../src/training/config/json-schema.js'

const folder = resolve(import.meta.dirname, '../../../configs')
const configs = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const published = JSON.parse(readFileSync(join(folder, 'train.schema.json'), 'utf8')) as JsonSchema
const accepts = new Ajv.default({ strict: true, strictTuples: false, strictRequired: false }).compile(
  published,
)

describe('the JSON Schema of configs', () => {
  it('is up to date: npm run schema', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
  })

  it('tells the meaning of every key', () => {
    const undescribed = (node: JsonSchema): string[] => [
      ...Object.entries(node.properties ?? {}).flatMap(([key, inner]) => [
        ...(inner.description ? [] : [key]),
        ...undescribed(inner),
      ]),
      ...(node.anyOf ?? []).flatMap(undescribed),
    ]
    expect(undescribed(published)).toEqual([])
  })

  it.each(configs)('accepts configs/%s, which names it', (name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true)
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/train\.schema\.json$/m)
  })

  it.each([
    'dataset: umd',
    'rec: /train_tmp/umd',
    '{}',
    '{rec: umd, num_classes: 8277, num_image: 8277, dali: true, fp16: true, wandb_key: k, wandb_other: 1}',
    '{dataset: umd, network: {name: mbf, blocks: [1, 0, 0, 0]}}',
  ])('accepts %s', (yaml) => {
    expect(accepts(parse(yaml)), JSON.stringify(accepts.errors)).toBe(true)
  })

  it.each([
    'batchsize: 32',
    'lr: fast',
    'lr: 0',
    'batch_size: 1',
    'margin_list: [1, 0.5]',
    'margin_list: [1, 0.5, 0, 0]',
    'network: vit_t',
    'network: {name: mbf, block: [1, 0, 0, 0]}',
    'provider: gpu',
    'val_targets: lfw',
    '{dataset: umd, rec: umd}',
    '[dataset]',
  ])('refuses %s', (yaml) => {
    expect(accepts(parse(yaml))).toBe(false)
  })
})
