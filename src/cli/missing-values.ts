import { type Command, InvalidArgumentError } from 'commander'

/**
 * An option without its value takes the word behind it for one: `-o --replace` would make a dataset of that name. A
 * word that is an option of the command itself is refused as a value.
 */
export function refuseMissingValues(command: Command): void {
  const flags = new Set(['-h', '--help', ...command.options.flatMap(({ short, long }) => [short, long])])
  for (const option of command.options) {
    if (!option.required) continue
    const { parseArg } = option
    option.argParser<unknown>((word, previous) => {
      if (flags.has(word)) throw new InvalidArgumentError('it is an option itself: the value is missing.')
      return parseArg === undefined ? word : parseArg(word, previous)
    })
  }
}
