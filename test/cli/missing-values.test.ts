import { Command } from 'commander'
import { expect, it } from 'vitest'
import { refuseMissingValues } from '../../src/cli/missing-values.js'
import { parseNumber } from '../../src/cli/option-values.js'

function parse(...words: string[]): Record<string, unknown> {
  const command = new Command('thing').exitOverride().configureOutput({ writeErr: () => {} })
  command.option('-o, --output <X>').option('--replace').option('--size <N>', '', parseNumber)
  refuseMissingValues(command)
  return command.parse(words, { from: 'user' }).opts()
}

it('refuses an option of the command as the value of another', () => {
  expect(() => parse('-o', '--replace')).toThrow("argument '--replace' is invalid")
  expect(() => parse('--size', '-o')).toThrow('the value is missing')
  expect(() => parse('-o', '--help')).toThrow('the value is missing')
})

it('takes any other word, by the parser that the option has', () => {
  expect(parse('-o', '-x', '--size', '-1', '--replace')).toEqual({ output: '-x', size: -1, replace: true })
})
