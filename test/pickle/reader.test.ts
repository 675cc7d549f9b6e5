import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/errors/index.js'
import { NumpyArray, type PickleValue, readPickle } from '../../src/pickle/index.js'
import { testData } from '../oracles/data.js'
import { oracle, runOracle } from '../oracles/python.js'

/** A pickle from pieces of latin1 text, bytes and lists of bytes. */
function pickle(...pieces: (string | number[] | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece))),
  )
}

function uint32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
}

function text(value: PickleValue | undefined): string {
  expect(value).toBeInstanceOf(Uint8Array)
  return Buffer.from(value as Uint8Array).toString('latin1')
}

function faultOf(bytes: Uint8Array): InputError {
  try {
    readPickle(bytes, { file: 'x.bin' })
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return error as InputError
  }
  throw new Error('the pickle was read')
}

describe('Python 2 str', () => {
  it('protocol 0: STRING, as bytes', () => {
    const [items, flags] = readPickle(
      pickle(
        "((lp0\nS'\\xff\\xd8 \\'q\\' \\\\ \\n'\np1\naS\"it's\"\np2\naS''\np3\na(lp4\nI01\naI00\naI01\natp5\n.",
      ),
    ) as PickleValue[][]
    expect(items!.map(text)).toEqual(["\xff\xd8 'q' \\ \n", "it's", ''])
    expect(flags).toEqual([true, false, true])
  })

  it('protocol 1: SHORT_BINSTRING and BINSTRING, as bytes', () => {
    const long = Uint8Array.from({ length: 300 }, (_, i) => i)
    const [items, flags] = readPickle(
      pickle('(]q\x00(U\x03a\xffbq\x01T', uint32(300), long, 'q\x02e]q\x03(I01\nI00\netq\x04.'),
    ) as PickleValue[][]
    expect(items!.map(text)).toEqual(['a\xffb', Buffer.from(long).toString('latin1')])
    expect(flags).toEqual([true, false])
  })

  it('protocol 2: BINSTRING with NEWTRUE and NEWFALSE', () => {
    const [items, flags] = readPickle(
      pickle('\x80\x02]q\x00(T', uint32(2), '\xff\xd8q\x01U\x01xe]q\x02(\x88\x89e\x86q\x03.'),
    ) as PickleValue[][]
    expect(items!.map(text)).toEqual(['\xff\xd8', 'x'])
    expect(flags).toEqual([true, false])
  })

  it('knows the escapes of Python 2, and keeps the backslash of others', () => {
    expect(text(readPickle(pickle("S'\\a\\b\\f\\n\\r\\t\\v\\0\\101\\q'\n.")))).toBe('\x07\b\f\n\r\t\v\0A\\q')
    expect(faultOf(pickle("S'\\x1'\n.")).message).toMatch(/STRING.*hexadecimal/)
    expect(faultOf(pickle("S'a\n.")).message).toMatch(/quotes/)
  })
})

describe('bytes and numpy', () => {
  it('reads bytes as Python 3 writes them at protocol 2', () => {
    const value = readPickle(
      pickle(
        '\x80\x02]q\x00(c_codecs\nencode\nq\x01X',
        uint32(5),
        '\xc3\xbf\xc3\x98a',
        'q\x02X',
        uint32(6),
        'latin1q\x03\x86q\x04Rq\x05c__builtin__\nbytes\n)Re.',
      ),
    ) as PickleValue[]
    expect(value.map(text)).toEqual(['\xff\xd8a', ''])
  })

  it.each(['numpy.core', 'numpy._core'])('reads arrays and bools under the names of %s', (core) => {
    const value = readPickle(
      pickle(
        `\x80\x03](c${core}.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R`,
        `(K\x01K\x01K\x03\x86cnumpy\ndtype\nX`,
        uint32(2),
        `u1\x89\x88\x87R(K\x03X`,
        uint32(1),
        '|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C\x03\xff\xd8\xfftb',
        `c${core}.multiarray\nscalar\ncnumpy\ndtype\nX`,
        uint32(2),
        'b1\x89\x88\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbC\x01\x01\x86Re.',
      ),
    ) as PickleValue[]
    const array = value[0] as NumpyArray
    expect(array).toBeInstanceOf(NumpyArray)
    expect(array.shape).toEqual([1, 3])
    expect([...array.data]).toEqual([0xff, 0xd8, 0xff])
    expect(value[1]).toBe(true)
  })

  it('refuses an array whose data do not fill its shape', () => {
    const fault = faultOf(
      pickle('cnumpy.core.numeric\n_frombuffer\n(C\x02ab', 'cnumpy\ndtype\nU\x02u1\x85RK\x03\x85U\x01CtR.'),
    )
    expect(fault.message).toMatch(/REDUCE.*shape \(3\).*has 2 bytes/)
  })

  it('views the bytes of the file: a bin is not copied', () => {
    const bytes = pickle('\x80\x03B', uint32(3), 'abc.')
    expect((readPickle(bytes) as Uint8Array).buffer).toBe(bytes.buffer)
  })
})

describe('what is not interpreted', () => {
  it('names opcode, offset and global, and executes nothing', () => {
    const fault = faultOf(pickle("\x80\x02]cos\nsystem\n(S'true'\ntR."))
    expect(fault.message).toMatch(/^x\.bin: at offset 3: pickle opcode GLOBAL: it names "os\.system"/)
    expect(fault.fault.offset).toBe(3)
    expect(fault.exitCode).toBe(3)
  })

  it.each([
    ['STACK_GLOBAL', pickle('\x80\x04\x8c\x08builtins\x8c\x04eval\x93.')],
    ['INST', pickle('(ios\nsystem\n.')],
    ['OBJ', pickle('(K\x01o.')],
    ['NEWOBJ', pickle('cnumpy\nndarray\n)\x81.')],
    ['NEWOBJ_EX', pickle('cnumpy\nndarray\n)}\x92.')],
    ['PERSID', pickle('Pid\n.')],
    ['BINPERSID', pickle('K\x01Q.')],
    ['EXT1', pickle('\x82\x01.')],
    ['NEXT_BUFFER', pickle('\x97.')],
    ['REDUCE', pickle('cnumpy\nndarray\n(K\x01tR.')],
    ['REDUCE', pickle('K\x01)R.')],
    ['BUILD', pickle(']Nb.')],
    ['0xfe', pickle('\xfe.')],
  ])('refuses %s', (opcode, bytes) => {
    expect(faultOf(bytes).message).toContain(`pickle opcode ${opcode}: `)
  })

  it('interprets what the caller allows alone', () => {
    const bytes = pickle('c_codecs\nencode\n.')
    expect(() => readPickle(bytes, { globals: new Map() })).toThrow(/"_codecs\.encode"/)
  })
})

describe('hostile input', () => {
  it.each([
    [
      'a length beyond the file',
      pickle('B', uint32(0xffff_fff0), 'ab.'),
      /BINBYTES.*4294967280 bytes.*3 left/,
    ],
    ['a negative length', pickle('T', uint32(0xffff_ffff), '.'), /BINSTRING/],
    ['a 64-bit length', pickle('\x8e', [255, 255, 255, 255, 255, 255, 255, 255], '.'), /BINBYTES8/],
    ['no STOP', pickle(']'), /truncated/],
    ['an empty file', pickle(''), /truncated/],
    ['an empty stack', pickle('.'), /STOP.*holds 0 values/],
    ['values below the mark', pickle('K\x01K\x02(\x86.'), /TUPLE2/],
    ['no mark', pickle('K\x01t.'), /TUPLE.*no mark/],
    ['an unknown memo key', pickle('h\x07.'), /BINGET.*7/],
    ['an unknown protocol', pickle('\x80\x09N.'), /PROTO.*protocol 9/],
    ['an append to a number', pickle('K\x01K\x02a.'), /APPEND/],
    ['an odd dict', pickle('(K\x01d.'), /DICT/],
    ['a long line', pickle(`I${'1'.repeat(5000)}\n.`), /INT.*5000 digits/],
    ['a name without end', pickle(`c${'a'.repeat(20_000)}\nb\n.`), /GLOBAL/],
    ['ten thousand marks', pickle('('.repeat(10_000)), /MARK.*1000/],
  ])('%s', (_, bytes, message) => {
    expect(faultOf(bytes).message).toMatch(message)
  })

  it('stops a small file that would fill the memory', () => {
    const text = 'x'.repeat(100_000)
    const head = pickle('X', uint32(text.length), text, 'q\x000U\x06latin1q\x010c_codecs\nencode\nq\x020')
    const latin1 = pickle('X', uint32(6), 'latin1q\x010')
    const body = Buffer.alloc(8 * 100_000, pickle('h\x02h\x00h\x01\x86R'))
    expect(faultOf(pickle(head, latin1, body, '.')).message).toMatch(/REDUCE.*bytes of memory/)
    expect(faultOf(Buffer.alloc(4_000_000, '}')).message).toMatch(/EMPTY_DICT.*bytes of memory/)
  })

  it('reads a list that holds itself', () => {
    const list = readPickle(pickle(']q\x00h\x00a.')) as PickleValue[]
    expect(list[0]).toBe(list)
  })
})

const python = oracle('torch')
describe.skipIf(python === undefined)("Python's own pickles (needs the torch oracle)", () => {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facedata-pickle-'))
    await runOracle('torch', 'pickles.py', 'write', folder)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const items = [
    Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)),
    Buffer.alloc(0),
    Buffer.from('a\'"\\\n'),
    Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(300), Buffer.from([0xff, 0xd9])]),
  ].map((bytes) => bytes.toString('hex'))
  const hex = (bytes: PickleValue) => Buffer.from(bytes as Uint8Array).toString('hex')

  describe.each([0, 1, 2, 3, 4, 5])('protocol %i', (protocol) => {
    const read = (form: string) =>
      readPickle(readFileSync(join(folder, `${form}.${protocol}.pkl`))) as [PickleValue[], PickleValue[]]

    it('lists of bytes and bool', () => {
      const [bytes, flags] = read('bytes')
      expect(bytes.map(hex)).toEqual(items)
      expect(flags).toEqual([true, false])
      expect(read('repeated')[0].map(hex)).toEqual([items[0], items[0], items[3], items[3]])
    })

    it('numpy arrays', () => {
      for (const form of ['arrays', 'rows']) {
        const arrays = read(form)[0] as NumpyArray[]
        expect(arrays.map(({ data }) => hex(data))).toEqual(items)
        expect(arrays[0]!.shape).toEqual(form === 'rows' ? [1, 256] : [256])
      }
    })

    it('numpy bools and integers', () => {
      expect(read('numpy_bools')[1]).toEqual([true, false])
      expect(read('numpy_integers')[1]).toEqual([1, 0])
      const flags = read('bool_array')[1] as unknown as NumpyArray
      expect([flags.dtype.kind, flags.shape, [...flags.data]]).toEqual(['b', [2], [1, 0]])
    })

    it('plain values', () => {
      const [values, dictionary] = read('plain')
      expect(values).toEqual([
        null,
        -1,
        255,
        65535,
        -(2 ** 31),
        2n ** 53n,
        -(2n ** 80n),
        1.5,
        Infinity,
        'é€😀\\u0041\n',
      ])
      expect(Object.fromEntries(dictionary as unknown as Map<string, PickleValue>)).toEqual({
        a: [],
        b: [1],
        c: [1, 2],
        d: [1, 2, 3],
        e: [1, 2, 3, 4],
      })
    })
  })
})

const data = testData()
describe.skipIf(data === undefined)('bins found in the wild (needs ../shared/data)', () => {
  it('protocol 4, list of bytes', () => {
    const [images, flags] = readPickle(
      readFileSync(join(data!, 'golden/wild_protocol4.bin')),
    ) as PickleValue[][]
    expect([images!.length, flags!.length]).toEqual([1498, 749])
    expect(images!.every((image) => image instanceof Uint8Array && image[0] === 0xff)).toBe(true)
    expect(new Set(flags)).toEqual(new Set([true]))
  })

  it('protocol 3, list of numpy arrays', () => {
    const [images, flags] = readPickle(
      readFileSync(join(data!, 'golden/wild_numpy_protocol3.bin')),
    ) as PickleValue[][]
    expect([images!.length, flags!.length]).toEqual([20, 10])
    expect(images!.every((image) => image instanceof NumpyArray && image.data[0] === 0xff)).toBe(true)
  })
})
