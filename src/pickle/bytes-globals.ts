import { PickleFault, PickleGlobal } from './values.js'

/** How Python 3 writes bytes at protocols 0 to 2, which know none: `_codecs.encode(text, 'latin1')`. */
const encode = new PickleGlobal('_codecs.encode', ([text, encoding]) => {
  if (typeof text !== 'string' || encoding !== 'latin1') {
    throw new PickleFault('_codecs.encode is interpreted for a str and latin1 alone')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of latin1.
  const beyond = text.search(/[^\x00-\xff]/)
  if (beyond >= 0) throw new PickleFault(`_codecs.encode: character ${beyond} is not in latin1`)
  return Buffer.from(text, 'latin1')
})

/** And the empty bytes: `bytes()`. */
const empty = new PickleGlobal('bytes', (parameters) => {
  if (parameters.length > 0) throw new PickleFault('bytes is interpreted without arguments alone')
  return new Uint8Array(0)
})

export const bytesGlobals: ReadonlyMap<string, PickleGlobal> = new Map([
  ['_codecs.encode', encode],
  ['__builtin__.bytes', empty],
  ['builtins.bytes', empty],
])
