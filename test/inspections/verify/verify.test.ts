import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyIdentityTable, writeIdentities } from '../../../src/dataset/identities.js'
import { identityBatches } from '../../../src/dataset/index.js'
import { describeVerification } from '../../../src/inspections/verify/describe.js'
import { OutputFile } from '../../../src/io/index.js'
import {
  changeBytes,
  changeManifest,
  changeText,
  copyOf,
  faultsOf,
  OURS,
  offsetOf,
  SIDE,
  soundDataset,
} from './damage.js'

const sound = await soundDataset()
const soundIm2rec = await soundDataset('im2rec')

/** Title, file, what is replaced by what, and the fault that it gives. */
type TextChange = [string, string, string | RegExp, string, { problem?: RegExp } & Record<string, unknown>]

/** The faults of a copy of the sound dataset, after some damage. */
async function faultsAfter(damage: (path: string) => Promise<void>, without: string[] = []) {
  const path = await copyOf(sound, without)
  await damage(path)
  return (await faultsOf(path)).faults
}

describe('a sound dataset', () => {
  it.each([
    ['insightface', sound],
    ['im2rec', soundIm2rec],
  ])('in the %s dialect has no fault, decoded or not', async (dialect, path) => {
    const { faults, found } = await faultsOf(path, { decode: true, jobs: 2 })
    expect(faults).toEqual([])
    expect(found).toMatchObject({
      name: 'sound',
      records: dialect === 'insightface' ? 15 : 10,
      images: 10,
      identities: 3,
      decoded: 10,
      faultCount: 0,
      faultsByKind: {},
      notChecked: [],
    })
    expect(describeVerification(found)).toEqual([
      expect.stringMatching(/^sound: 10 images of 3 identities in 1[05] records, [\d,]+ bytes, 10 decoded$/),
      '  no faults',
    ])
    expect((await faultsOf(path)).found.decoded).toBeUndefined()
  })

  it('of another tool has none either, and it is said what cannot be checked', async () => {
    const path = await copyOf(soundIm2rec, OURS)
    const { faults, found } = await faultsOf(path)
    expect(faults).toMatchObject([{ kind: 'label', file: 'property', actual: 'none for 1: 1' }])
    expect(found.notChecked).toEqual([expect.stringContaining('bytes of images: there is no manifest')])
    await rm(join(path, 'property'))
    expect((await faultsOf(path)).faults).toEqual([])
  })

  it('is known by its name, its folder and its .rec file', async () => {
    const path = await copyOf(sound)
    const [folder, name] = [join(path, '..'), path.split('/').at(-1)!]
    expect((await faultsOf(name, { datasets: folder })).found.path).toBe(path)
    expect((await faultsOf(join(path, 'train.rec'))).found.faultCount).toBe(0)
  })
})

describe('damage to the .rec file gives one fault:', () => {
  it('a bit of an image', async () => {
    const faults = await faultsAfter(async (path) => {
      const at = await offsetOf(path, 4)
      await changeBytes(path, 'train.rec', (bytes) => void (bytes[at + 300]! ^= 1))
    })
    expect(faults).toEqual([
      {
        kind: 'image',
        file: 'train.rec',
        record: 4,
        offset: await offsetOf(sound, 4),
        problem: 'the bytes of the image are not those of its row of the manifest',
        expected: expect.stringMatching(/^xxh64 [0-9a-f]{16}$/),
        actual: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ])
  })

  it('a label', async () => {
    const damage = async (path: string) => {
      const at = await offsetOf(path, 4)
      await changeBytes(path, 'train.rec', (bytes) => void bytes.writeFloatLE(3, at + 12))
    }
    const place = { record: 4, offset: await offsetOf(sound, 4) }
    expect(await faultsAfter(damage)).toEqual([
      {
        kind: 'label',
        file: 'train.rec',
        ...place,
        problem: 'the label is not that of the other files',
        expected: 2,
        actual: 3,
      },
    ])
    // Without a manifest it may as well be the list that is wrong.
    expect(await faultsAfter(damage, OURS)).toMatchObject([
      { kind: 'list', file: 'train.lst', record: 4, expected: 3, actual: 2 },
    ])
    // Without a list the range of its identity tells.
    expect(await faultsAfter(damage, [...OURS, 'train.lst', 'property'])).toMatchObject([
      { kind: 'range', file: 'train.rec', ...place, expected: 2, actual: 3 },
    ])
  })

  it.each([
    ['a fraction', 1.5],
    ['negative', -1],
    ['not a number', Number.NaN],
    ['above the exact numbers of float32', 2 ** 25],
  ])('a label that is %s', async (_, label) => {
    const damage = async (path: string) => {
      const at = await offsetOf(path, 4)
      await changeBytes(path, 'train.rec', (bytes) => void bytes.writeFloatLE(label, at + 12))
    }
    for (const without of [[], OURS]) {
      const faults = await faultsAfter(damage, without)
      expect(faults).toMatchObject([{ kind: 'label', file: 'train.rec', record: 4, actual: String(label) }])
    }
  })

  it('an id', async () => {
    const damage = async (path: string) => {
      const at = await offsetOf(path, 4)
      await changeBytes(path, 'train.rec', (bytes) => void bytes.writeUInt32LE(99, at + 16))
    }
    for (const without of [[], OURS]) {
      const faults = await faultsAfter(damage, without)
      expect(faults).toMatchObject([{ kind: 'id', file: 'train.rec', record: 4, expected: 4, actual: 99 }])
    }
  })

  it('the magic word, of an image, an identity record or the header', async () => {
    for (const key of [1, 4, 10, 12, 0]) {
      const damage = async (path: string) => {
        const at = await offsetOf(path, key)
        await changeBytes(path, 'train.rec', (bytes) => void (bytes[at]! ^= 0x40))
      }
      for (const without of [[], [...OURS, 'property']]) {
        expect(await faultsAfter(damage, without), `record ${key}`).toMatchObject([
          {
            kind: 'structure',
            file: 'train.rec',
            record: key,
            offset: await offsetOf(sound, key),
            problem: expect.stringContaining('bad magic word; nothing can be read up to offset'),
            expected: '0xced7230a',
          },
        ])
      }
    }
  })

  it('any bit of the length and part flag', async () => {
    for (let bit = 0; bit < 32; bit++) {
      const faults = await faultsAfter(async (path) => {
        const at = (await offsetOf(path, 4)) + 4
        await changeBytes(path, 'train.rec', (bytes) => void (bytes[at + (bit >> 3)]! ^= 1 << (bit & 7)))
      })
      expect(faults, `bit ${bit}`).toHaveLength(1)
      expect(faults[0]).toMatchObject({ file: 'train.rec', record: 4 })
    }
  })

  it('a number of labels that the record has no room for', async () => {
    const faults = await faultsAfter(async (path) => {
      const at = await offsetOf(path, 4)
      await changeBytes(path, 'train.rec', (bytes) => void bytes.writeUInt32LE(1_000_000, at + 8))
    })
    expect(faults).toMatchObject([
      { kind: 'structure', record: 4, problem: expect.stringContaining('too short') },
    ])
  })

  it('padding that is not zero', async () => {
    const path = await copyOf(sound)
    for (let key = 1; key < 10; key++) {
      const [at, next] = [await offsetOf(path, key), await offsetOf(path, key + 1)]
      await changeBytes(path, 'train.rec', (bytes) => {
        const length = bytes.readUInt32LE(at + 4)
        if (length % 4 !== 0) bytes[next - 1] = 1
      })
    }
    const { faults } = await faultsOf(path)
    expect(faults.length).toBeGreaterThan(3)
    expect(new Set(faults.map(({ problem }) => problem))).toEqual(new Set(['the padding is not zero']))
  })

  it('a region over several records', async () => {
    const faults = await faultsAfter(async (path) => {
      const [start, end] = [await offsetOf(path, 3), await offsetOf(path, 6)]
      await changeBytes(path, 'train.rec', (bytes) => void bytes.fill(0, start, end + 20))
    })
    expect(faults).toMatchObject([
      { kind: 'structure', record: 3, problem: expect.stringContaining('and 4 records are lost') },
    ])
  })

  it('a cut between two records', async () => {
    const faults = await faultsAfter(async (path) => {
      const at = await offsetOf(path, 8)
      await changeBytes(path, 'train.rec', (bytes) => bytes.subarray(0, at))
    })
    expect(faults).toMatchObject([
      {
        kind: 'file',
        file: 'train.rec',
        problem: 'not the size that dataset.json says; 8 records are missing',
        actual: `${await offsetOf(sound, 8)} bytes`,
      },
    ])
    const foreign = await faultsAfter(
      async (path) => {
        const at = await offsetOf(path, 8)
        await changeBytes(path, 'train.rec', (bytes) => bytes.subarray(0, at))
      },
      [...OURS, 'property'],
    )
    expect(foreign).toMatchObject([
      {
        kind: 'index',
        file: 'train.idx',
        record: 8,
        problem: expect.stringContaining('8 offsets are beyond'),
      },
    ])
  })

  it('a cut inside a record, besides the count of those behind it', async () => {
    const faults = await faultsAfter(async (path) => {
      const at = await offsetOf(path, 8)
      await changeBytes(path, 'train.rec', (bytes) => bytes.subarray(0, at + 100))
    })
    expect(faults).toMatchObject([
      { kind: 'structure', record: 8, problem: expect.stringContaining('longer than the rest of the file') },
      { kind: 'file', file: 'train.rec', problem: expect.stringContaining('; 7 records are missing') },
    ])
  })

  it('bytes behind its end', async () => {
    const faults = await faultsAfter((path) =>
      changeBytes(path, 'train.rec', (bytes) => Buffer.concat([bytes, Buffer.alloc(100)])),
    )
    expect(faults).toMatchObject([{ kind: 'structure', file: 'train.rec' }])
  })

  it('an empty file', async () => {
    const faults = await faultsAfter((path) => writeFile(join(path, 'train.rec'), ''), [...OURS, 'property'])
    expect(faults).toMatchObject([
      { kind: 'index', problem: expect.stringContaining('15 offsets are beyond') },
    ])
  })
})

describe('the numbers of the insightface dialect give one fault:', () => {
  it.each([
    ['where images end', 0, 4],
    ['where identity records end', 4, 4],
  ])('%s, in the header', async (_, number, shift) => {
    const damage = async (path: string) => {
      const at = (await offsetOf(path, 0)) + 32 + number
      await changeBytes(
        path,
        'train.rec',
        (bytes) => void bytes.writeFloatLE(bytes.readFloatLE(at) - shift, at),
      )
    }
    for (const without of [[], [...OURS, 'property']]) {
      expect(await faultsAfter(damage, without)).toMatchObject([
        { kind: 'header', file: 'train.rec', record: 0, expected: '11 to 15' },
      ])
    }
  })

  it.each([
    [11, 0, '1 to 4'],
    [11, 1, '1 to 4'],
    [12, 0, '4 to 4'],
    [12, 1, '4 to 4'],
    [13, 0, '4 to 9'],
    [13, 1, '4 to 9'],
    [14, 0, '9 to 11'],
    [14, 1, '9 to 11'],
  ])('record %i, number %i', async (key, number, expected) => {
    for (const shift of [-2, 1, 1e9, Number.NaN]) {
      const damage = async (path: string) => {
        const at = (await offsetOf(path, key)) + 32 + 4 * number
        await changeBytes(
          path,
          'train.rec',
          (bytes) => void bytes.writeFloatLE(bytes.readFloatLE(at) + shift, at),
        )
      }
      for (const without of [[], [...OURS, 'property']]) {
        const faults = await faultsAfter(damage, without)
        expect(faults, `${shift}`).toMatchObject([{ kind: 'range', record: key, expected }])
      }
    }
  })

  it('an identity record that the index has not', async () => {
    const faults = await faultsAfter(
      (path) => changeText(path, 'train.idx', (text) => text.replace(/^12\t.*\n/m, '')),
      [...OURS, 'property'],
    )
    expect(faults).toMatchObject([
      { kind: 'index', record: 12, problem: 'the index does not name this record' },
    ])
  })
})

describe('damage to the index gives one fault:', () => {
  const place = async (key: number) => ({ record: key, offset: await offsetOf(sound, key) })

  it.each([-4, 4, 1000, 1e9])('an offset that is off by %i', async (shift) => {
    const expected = await offsetOf(sound, 4)
    const damage = (path: string) =>
      changeText(path, 'train.idx', (text) => text.replace(/^4\t.*$/m, `4\t${expected + shift}`))
    for (const without of [[], [...OURS, 'property']]) {
      const faults = await faultsAfter(damage, without)
      expect(faults).toHaveLength(1)
      expect(faults[0]).toMatchObject({ kind: 'index', record: 4 })
    }
  })

  it('a line that is missing', async () => {
    const damage = (path: string) => changeText(path, 'train.idx', (text) => text.replace(/^4\t.*\n/m, ''))
    expect(await faultsAfter(damage)).toMatchObject([
      {
        kind: 'index',
        file: 'train.rec',
        ...(await place(4)),
        problem: 'the index does not name this record',
      },
    ])
  })

  it('a line that is none', async () => {
    const damage = (path: string) => changeText(path, 'train.idx', (text) => text.replace(/^4\t.*$/m, '4;17'))
    expect(await faultsAfter(damage)).toMatchObject([{ kind: 'index', file: 'train.idx', line: 4 }])
  })

  it('a key that stands twice', async () => {
    const damage = (path: string) => changeText(path, 'train.idx', (text) => text.replace(/^4\t/m, '5\t'))
    expect(await faultsAfter(damage)).toMatchObject([
      { kind: 'index', file: 'train.idx', record: 5, problem: 'the index names a key twice' },
    ])
  })

  it('an offset that stands twice', async () => {
    const five = await offsetOf(sound, 5)
    const damage = (path: string) =>
      changeText(path, 'train.idx', (text) => text.replace(/^4\t.*$/m, `4\t${five}`))
    expect(await faultsAfter(damage)).toMatchObject([{ kind: 'index', record: 4 }])
  })

  it('two offsets that are exchanged, one for each', async () => {
    const [four, nine] = [await offsetOf(sound, 4), await offsetOf(sound, 9)]
    const exchange = (path: string) =>
      changeText(path, 'train.idx', (text) =>
        text.replace(/^4\t.*$/m, `4\t${nine}`).replace(/^9\t.*$/m, `9\t${four}`),
      )
    expect(await faultsAfter(exchange)).toMatchObject([
      { kind: 'index', file: 'train.idx', record: 9, expected: 4 },
      { kind: 'index', file: 'train.idx', record: 4, expected: 9 },
    ])
    // Without a manifest it may as well be the ids that are wrong.
    expect(await faultsAfter(exchange, [...OURS, 'property'])).toMatchObject([
      { kind: 'id', file: 'train.rec', record: 9, actual: 4 },
      { kind: 'id', file: 'train.rec', record: 4, actual: 9 },
    ])
  })

  it('two lines in another order, which changes nothing but the bytes', async () => {
    const swap = (path: string) =>
      changeText(path, 'train.idx', (text) => text.replace(/^(4\t.*\n)(5\t.*\n)/m, '$2$1'))
    expect(await faultsAfter(swap)).toMatchObject([{ kind: 'file', file: 'train.idx' }])
    expect(await faultsAfter(swap, [...OURS, 'property'])).toEqual([])
  })

  it('one of another file, one for each line', async () => {
    const faults = await faultsAfter(
      (path) =>
        changeText(path, 'train.idx', (text) =>
          text.replace(/^(\d+)\t(\d+)$/gm, (_, key, offset) => `${key}\t${Number(offset) + 4}`),
        ),
      [...OURS, 'property'],
    )
    expect(faults).toHaveLength(15)
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['index']))
  })
})

describe('damage to other files gives one fault:', () => {
  it.each([
    [
      'a label of the list',
      'train.lst',
      /^4\t2/m,
      '4\t3',
      { kind: 'list', record: 4, expected: 2, actual: 3 },
    ],
    [
      'a line that the list lacks',
      'train.lst',
      /^4\t.*\n/m,
      '',
      { kind: 'list', file: 'train.rec', record: 4 },
    ],
    [
      'a line too many in the list',
      'train.lst',
      /^4\t/m,
      '99\t0\tx/y.jpg\n4\t',
      { kind: 'list', record: 99 },
    ],
    ['a key that stands twice in the list', 'train.lst', /^(4\t.*\n)/m, '$1$1', { kind: 'list', record: 4 }],
    ['a line of the list that is none', 'train.lst', /^4\t.*$/m, 'four', { kind: 'list', line: 4 }],
    ['a path in the list', 'train.lst', 'cleo/0', 'cleo/x', { kind: 'file', problem: /bytes/ }],
    ['the classes of the property file', 'property', '4,', '5,', { kind: 'property', expected: '4,16,16' }],
    ['the size in the property file', 'property', ',16,', ',112,', { kind: 'property' }],
    ['a property file that is none', 'property', /.*/, 'x', { kind: 'property', line: 1 }],
    ['the reason of a skipped image', 'skipped.jsonl', 'empty', 'blank', { kind: 'file', problem: /bytes/ }],
    ['a skipped image', 'skipped.jsonl', /.*\n/, '', { kind: 'file', problem: /size/ }],
    [
      'the images in dataset.json',
      'dataset.json',
      '"images": 10',
      '"images": 11',
      { kind: 'description', expected: 10 },
    ],
    [
      'the identities in dataset.json',
      'dataset.json',
      '"identities": 4',
      '"identities": 3',
      { kind: 'description' },
    ],
    [
      'the empty ones in dataset.json',
      'dataset.json',
      'Identities": 1',
      'Identities": 0',
      { kind: 'description' },
    ],
    [
      'an option in dataset.json',
      'dataset.json',
      '"size": 112',
      '"size": 96',
      { kind: 'file', problem: /fingerprint/ },
    ],
    ['a dataset.json that is none', 'dataset.json', '{', '', { kind: 'description', problem: /JSON/ }],
  ] as TextChange[])('%s', async (_, file, from, to, { problem, ...fault }) => {
    const faults = await faultsAfter((path) => changeText(path, file, (text) => text.replace(from, to)))
    expect(faults).toMatchObject([{ file, ...fault }])
    if (problem !== undefined) expect(faults[0]!.problem).toMatch(problem)
  })

  it.each([
    ['key', { kind: 'manifest', record: 99, expected: 4, actual: 99 }, { key: 99 }],
    ['label', { kind: 'manifest', record: 4, expected: 2, actual: 3 }, { label: 3 }],
    ['offset', { kind: 'manifest', record: 4 }, { offset: 17 }],
    ['offset, far off', { kind: 'manifest', record: 4 }, { offset: 1e12 }],
    ['length', { kind: 'manifest', record: 4 }, { length: 17 }],
    ['hash', { kind: 'manifest', record: 4 }, { xxh64: 17n }],
    ['width', { kind: 'size', record: 4, expected: 'jpeg 16x16', actual: 'jpeg 17x16' }, { width: 17 }],
    ['format', { kind: 'size', record: 4, expected: 'jpeg 16x16', actual: 'png 16x16' }, { format: 2 }],
  ])('the %s of a row of the manifest', async (_, fault, change) => {
    const faults = await faultsAfter((path) =>
      changeManifest(path, (rows) => rows.map((row) => (row.key === 4 ? { ...row, ...change } : row))),
    )
    expect(faults).toMatchObject([{ file: 'manifest.arrow', ...fault }])
  })

  it('a row that the manifest lacks', async () => {
    const faults = await faultsAfter((path) =>
      changeManifest(path, (rows) => rows.filter(({ key }) => key !== 4)),
    )
    expect(faults).toMatchObject([
      { kind: 'manifest', file: 'train.rec', record: 4, problem: 'the manifest has no row for this image' },
    ])
  })

  it('a row too many in the manifest, whose offset and key are those of no record', async () => {
    for (const offset of [17, 1e12]) {
      const faults = await faultsAfter((path) =>
        changeManifest(path, (rows) =>
          rows.flatMap((row) => (row.key === 4 ? [{ ...row, key: 99, offset }, row] : [row])),
        ),
      )
      expect(faults).toMatchObject([
        { kind: 'manifest', file: 'manifest.arrow', record: 99, actual: `offset ${offset}` },
      ])
    }
  })

  it('a manifest that is cut', async () => {
    const faults = await faultsAfter((path) =>
      changeBytes(path, 'manifest.arrow', (bytes) => bytes.subarray(0, bytes.length / 2)),
    )
    expect(faults).toMatchObject([{ kind: 'manifest', file: 'manifest.arrow' }])
  })

  it.each([
    ['number of images', 0, 6, { problem: 'row 2: another number of images', expected: 5, actual: 6 }],
    ['first key', 1, 5, { problem: 'row 2: not the key of the first image', expected: 4, actual: 5 }],
  ])('the %s in identities.arrow', async (_, column, value, fault) => {
    const faults = await faultsAfter(async (path) => {
      const table = emptyIdentityTable(4)
      for await (const batch of identityBatches(join(path, 'identities.arrow'))) {
        table.images.set(batch.images)
        table.firstKeys.set(batch.firstKeys)
      }
      table.names.fill('name')
      table.sourceNames.fill('name')
      if (column === 0) table.images[2] = value
      else table.firstKeys[2] = value
      const file = await OutputFile.create(join(path, 'identities.arrow'))
      await writeIdentities(file, table)
      await file.close()
    })
    expect(faults).toMatchObject([{ kind: 'identities', file: 'identities.arrow', ...fault }])
  })

  it.each([
    'train.rec',
    'train.idx',
    'train.lst',
    'property',
    'manifest.arrow',
    'identities.arrow',
    'skipped.jsonl',
    'dataset.json',
  ])('%s missing', async (name) => {
    const faults = await faultsAfter((path) => rm(join(path, name)))
    expect(faults).toMatchObject([
      { kind: 'file', file: name, problem: expect.stringContaining('no such file') },
    ])
  })
})

describe('a dataset of another tool', () => {
  it.each([
    ['classes', '5,16,16', { kind: 'property', line: 1, expected: 4, actual: 5 }],
    ['size', '4,16,17', { kind: 'size', record: 1, expected: '16x16', actual: '17x16' }],
    ['number of images', '4,16,16\n11', { kind: 'property', line: 2, expected: 10, actual: 11 }],
  ])('has its property file compared: %s', async (_, text, fault) => {
    const faults = await faultsAfter((path) => writeFile(join(path, 'property'), text), OURS)
    expect(faults.filter(({ kind }) => kind !== 'label')).toMatchObject([{ file: 'property', ...fault }])
  })

  it('has labels beyond its property file told once for each', async () => {
    const path = await copyOf(soundIm2rec, OURS)
    await writeFile(join(path, 'property'), `2,${SIDE},${SIDE}`)
    const { faults } = await faultsOf(path)
    expect(faults).toMatchObject([
      { kind: 'label', file: 'train.rec', record: 3, expected: 'less than 2', actual: 2 },
      { kind: 'label', file: 'train.rec', record: 8, expected: 'less than 2', actual: 3 },
      { kind: 'label', file: 'property', actual: 'none for 1: 1' },
    ])
  })

  it('without an index is read all the same', async () => {
    const { faults, found } = await faultsOf(await copyOf(sound, [...OURS, 'train.idx', 'property']))
    expect(faults).toEqual([])
    expect(found).toMatchObject({ images: 10, identities: 3, records: 15 })
    expect(found.notChecked).toContain('keys: there is no index')
  })

  it('whose ids are not its keys has them left out of the comparison', async () => {
    const path = await copyOf(soundIm2rec, OURS)
    for (let key = 0; key < 10; key++) {
      const at = await offsetOf(path, key)
      await changeBytes(path, 'train.rec', (bytes) => void bytes.writeUInt32LE(0, at + 16))
    }
    await rm(join(path, 'property'))
    const { faults, found } = await faultsOf(path)
    expect(faults).toEqual([])
    expect(found.notChecked[0]).toContain('ids in the headers')
  })
})

describe('--decode', () => {
  it('finds an image that its decoder refuses', async () => {
    const path = await copyOf(sound, [...OURS, 'property'])
    const at = await offsetOf(path, 4)
    await changeBytes(path, 'train.rec', (bytes) => void bytes.fill(0, at + 32, at + 40))
    expect((await faultsOf(path)).faults).toEqual([])
    expect((await faultsOf(path, { decode: true })).faults).toMatchObject([
      {
        kind: 'decode',
        file: 'train.rec',
        record: 4,
        offset: at,
        problem: expect.stringContaining('not an image'),
      },
    ])
  })

  it('compares sizes with the manifest and the property file too', async () => {
    const path = await copyOf(sound)
    await changeManifest(path, (rows) => rows.map((row) => (row.key === 9 ? { ...row, height: 9 } : row)))
    expect((await faultsOf(path, { decode: true, jobs: 2 })).faults).toMatchObject([
      { kind: 'size', file: 'manifest.arrow', record: 9 },
    ])
    const foreign = await copyOf(sound, OURS)
    await writeFile(join(foreign, 'property'), '4,112,112')
    const { faults } = await faultsOf(foreign, { decode: true })
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'size', problem: expect.stringContaining('10 images') }),
    )
  })
})

it('counts faults by kind, and stops where it is told to', async () => {
  const path = await copyOf(sound)
  const at = await offsetOf(path, 4)
  await changeBytes(path, 'train.rec', (bytes) => {
    bytes[at + 300]! ^= 1
    bytes.writeUInt32LE(99, at + 16)
  })
  const { found } = await faultsOf(path)
  expect(found).toMatchObject({ faultCount: 2, faultsByKind: { id: 1, image: 1 } })
  expect(describeVerification(found).at(-1)).toBe('  2 faults: id 1, image 1')
  const reason = new Error('stopped')
  await expect(faultsOf(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
