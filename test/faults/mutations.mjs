// Damage as disks, networks and people do it. Each function takes a buffer and seeded chance and returns the damaged
// bytes and `first`: the place of the first byte that is not as it was.

const WORDS = [
  0, 1, 3, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 0x1fffffff, 0x20000000, 0x3fffffff, 0x5fffffff,
]
const MAGIC = 0xced7230a
const NUMBERS = [
  ...['', '-1', '0', '00', '1', '1.5', '1e9', '1e308', 'NaN', 'inf', '0x10', ' 7'],
  ...['16777216', '16777217', '4294967296', '1000000000000', '9007199254740991', '9007199254740992'],
  '99999999999999999999999',
]
const SEPARATORS = ['\t', '\n', ',', ' ', '\0', '\r', '\r\n', 'x', '\ufeff', '\t\t', '']

const place = (bytes, random) => random.integer(Math.max(1, bytes.length))

function bits(bytes, random) {
  const damaged = Buffer.from(bytes)
  let first = bytes.length
  for (let i = random.integer(4); i >= 0; i--) {
    const at = place(bytes, random)
    damaged[at] ^= 1 << random.integer(8)
    first = Math.min(first, at)
  }
  return { damaged, first }
}

function run(bytes, random) {
  const first = place(bytes, random)
  const end = Math.min(bytes.length, first + 1 + random.integer(64))
  const damaged = Buffer.from(bytes)
  const value = [0, 0xff, undefined][random.integer(3)]
  for (let i = first; i < end; i++) damaged[i] = value ?? random.integer(256)
  return { damaged, first }
}

function cut(bytes, random) {
  const first = place(bytes, random)
  return { damaged: Buffer.from(bytes.subarray(0, first)), first }
}

function remove(bytes, random) {
  const first = place(bytes, random)
  const end = first + 1 + random.integer(64)
  return { damaged: Buffer.concat([bytes.subarray(0, first), bytes.subarray(end)]), first }
}

function insert(bytes, random) {
  const first = place(bytes, random)
  const noise = Buffer.from(Array.from({ length: 1 + random.integer(32) }, () => random.integer(256)))
  return { damaged: Buffer.concat([bytes.subarray(0, first), noise, bytes.subarray(first)]), first }
}

function repeat(bytes, random) {
  const from = place(bytes, random)
  const end = Math.min(bytes.length, from + 1 + random.integer(bytes.length))
  const first = end
  return {
    damaged: Buffer.concat([bytes.subarray(0, end), bytes.subarray(from, end), bytes.subarray(end)]),
    first,
  }
}

/** A number at the border of what its type holds, where lengths, flags and counts stand. */
function word(bytes, random) {
  if (bytes.length < 8) return bits(bytes, random)
  const damaged = Buffer.from(bytes)
  const first =
    random.integer((bytes.length - 4) >> 2) * 4 + (random.integer(4) === 0 ? random.integer(4) : 0)
  const value = random.integer(8) === 0 ? MAGIC : WORDS[random.integer(WORDS.length)]
  damaged.writeUInt32LE(value, first)
  if (random.integer(3) === 0 && first + 8 <= bytes.length) {
    damaged.writeUInt32LE(WORDS[random.integer(WORDS.length)], first + 4)
  }
  return { damaged, first }
}

/** Another number in place of one that stands in a text. */
function number(bytes, random) {
  const text = bytes.toString('latin1')
  const found = [...text.slice(0, 20_000).matchAll(/\d+/g)]
  if (found.length === 0) return bits(bytes, random)
  const match = found[random.integer(found.length)]
  return splice(bytes, match.index, match[0].length, NUMBERS[random.integer(NUMBERS.length)])
}

/** Another separator in place of one. */
function separator(bytes, random) {
  const text = bytes.toString('latin1')
  const found = [...text.slice(0, 20_000).matchAll(/[\t\n,]/g)]
  if (found.length === 0) return bits(bytes, random)
  return splice(
    bytes,
    found[random.integer(found.length)].index,
    1,
    SEPARATORS[random.integer(SEPARATORS.length)],
  )
}

function splice(bytes, first, length, text) {
  const damaged = Buffer.concat([bytes.subarray(0, first), Buffer.from(text), bytes.subarray(first + length)])
  return { damaged, first }
}

const ofBytes = [bits, run, cut, remove, insert, repeat, word, word]
const ofText = [...ofBytes, number, number, number, separator, separator]

/** Damages a file in one to three ways. */
export function mutate(bytes, random, isText) {
  const ways = isText ? ofText : ofBytes
  let damaged = bytes
  let first = bytes.length
  for (let i = random.integer(4) === 0 ? 3 : 1; i > 0; i--) {
    const done = ways[random.integer(ways.length)](damaged, random)
    damaged = done.damaged
    first = Math.min(first, done.first)
  }
  return { damaged, first }
}
