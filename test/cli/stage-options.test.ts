import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { addStageOptions, readStageOptions } from '../../src/cli/stage-options.js'
import { UsageError } from '../../src/errors/index.js'
import { option } from '../../src/stages/common-options.js'
import type { AnyStage } from '../../src/stages/stage.js'

const options = z.object({
  inputs: option(z.array(z.string()).min(1), {
    description: 'folders',
    positional: true,
    argument: 'FOLDER',
  }),
  output: option(z.string().optional(), { description: 'dataset', short: 'o', argument: 'DATASET' }),
  size: option(z.number().int().min(8).default(112), { description: 'pixels', argument: 'N' }),
  fit: option(z.enum(['cover', 'contain']).default('cover'), { description: 'how' }),
  'pass-through': option(z.boolean().default(false), { description: 'as it is' }),
  'no-flip': option(z.boolean().default(false), { description: 'no mirrored copy' }),
  set: option(z.array(z.string()).default([]), { description: 'key=value', argument: 'KEY=VALUE' }),
})

const stage = { name: 'thing', summary: 'for this test', options } as unknown as AnyStage

async function parse(...words: string[]): Promise<unknown> {
  let parsed: unknown
  const command = new Command('thing').exitOverride().configureOutput({ writeErr: () => {} })
  addStageOptions(command, stage)
  command.action(() => {
    parsed = readStageOptions(command, stage)
  })
  await command.parseAsync(words, { from: 'user' })
  return parsed
}

describe('stage options', () => {
  it('fills in the defaults of the schema', async () => {
    expect(await parse('a')).toEqual({
      inputs: ['a'],
      size: 112,
      fit: 'cover',
      'pass-through': false,
      'no-flip': false,
      set: [],
    })
  })

  it('reads positionals, numbers, flags, negations, short forms and repeated options', async () => {
    expect(
      await parse(
        'a',
        'b',
        '-o',
        'x',
        '--size',
        '96',
        '--pass-through',
        '--no-flip',
        '--set',
        'a=1',
        '--set',
        'b=2',
      ),
    ).toMatchObject({
      inputs: ['a', 'b'],
      output: 'x',
      size: 96,
      'pass-through': true,
      'no-flip': true,
      set: ['a=1', 'b=2'],
    })
  })

  it('says of an option that is missing what it is for, and marks it in the help', async () => {
    const shape = { model: option(z.string(), { description: 'the model to write', argument: 'M.onnx' }) }
    const demanding = { ...stage, options: z.object(shape) } as unknown as AnyStage
    const command = new Command('thing')
    addStageOptions(command, demanding)
    await command.action(() => {}).parseAsync([], { from: 'user' })
    expect(() => readStageOptions(command, demanding)).toThrow(
      '--model is missing: the model to write. See facedata thing --help',
    )
    expect(command.helpInformation()).toContain('the model to write (required)')
  })

  it('refuses what the schema refuses, naming the option', async () => {
    await expect(parse('a', '--size', '3')).rejects.toThrow(UsageError)
    await expect(parse('a', '--size', '3')).rejects.toThrow(/--size/)
    await expect(parse('a', '--size', 'big')).rejects.toThrow(/number/)
    await expect(parse('a', '--fit', 'stretch')).rejects.toThrow(/cover, contain/)
    await expect(parse()).rejects.toThrow(/FOLDER/)
  })
})
