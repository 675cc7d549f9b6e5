import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DatasetWriter, publishDataset } from '../../../src/dataset/index.js'
import {
  describeCounts,
  describeIdentityChange,
  describeImageChange,
} from '../../../src/inspections/diff/describe.js'
import { Difference } from '../../../src/inspections/diff/diff.js'
import type { ImageChange } from '../../../src/inspections/diff/difference.js'
import { orderByHash } from '../../../src/inspections/diff/hash-order.js'
import { newDataset, writeForeign } from '../../dataset/make-dataset.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = temporaryFolder()

/** Images of a dataset: by identity, the text of each image by its path. Identities get labels in their order. */
type Content = Record<string, Record<string, string>>

let datasets = 0

async function publish(content: Content): Promise<string> {
  const name = `d${datasets++}`
  const writer = await DatasetWriter.create(join(folder, '.scratch'), { ...newDataset, name })
  for (const [identity, images] of Object.entries(content)) {
    const label = writer.addIdentity({ name: identity, source: 0, sourceName: identity, sourceLabel: -1 })
    for (const [path, text] of Object.entries(images)) {
      writer.addImage({
        label,
        bytes: Buffer.from(text),
        source: 0,
        path,
        width: 1,
        height: 1,
        format: 'jpeg',
      })
    }
  }
  await publishDataset(await writer.finish(), join(folder, name), { strict: false, replace: false })
  return name
}

async function differ(from: string, to: string) {
  const found = await Difference.find(from, to, { datasets: folder })
  const images: ImageChange[] = []
  for await (const change of found.images()) images.push(change)
  const identities = [...found.identities()]
  await found.close()
  return { counts: found.counts, identities, images }
}

const before: Content = {
  ann: { 'ann/0.jpg': 'a0', 'ann/1.jpg': 'a1', 'ann/2.jpg': 'a2' },
  bob: { 'bob/0.jpg': 'b0' },
  cleo: { 'cleo/0.jpg': 'c0', 'cleo/1.jpg': 'c1' },
}

describe('diff', () => {
  it('refuses a label that no identity has, in place of taking it for another', async () => {
    const name = await publish({ ann: { 'a/0.jpg': 'a' }, bob: { 'b/0.jpg': 'b' } })
    const other = await publish(before)
    const path = join(folder, name, 'manifest.arrow')
    const manifest = await readFile(path)
    // The keys, then the labels.
    const keys = manifest.indexOf(Buffer.from(Uint32Array.of(1, 2).buffer))
    const labels = manifest.indexOf(Buffer.from(Int32Array.of(0, 1).buffer), keys + 8)
    manifest.writeInt32LE(7, labels + 4)
    await writeFile(path, manifest)
    await expect(Difference.find(name, other, { datasets: folder })).rejects.toThrow(
      /manifest\.arrow: record \d: the label has no identity/,
    )
  })

  it('of a dataset with itself finds nothing', async () => {
    const name = await publish(before)
    expect(await differ(name, name)).toMatchObject({
      counts: {
        from: { name, images: 6, identities: 3 },
        identities: { added: 0, removed: 0, kept: 3, relabelled: 0 },
        images: { added: 0, removed: 0, moved: 0, changed: 0, unchanged: 6 },
      },
      identities: [],
      images: [],
    })
  })

  it('finds what is added, removed, moved, changed and relabelled', async () => {
    const from = await publish(before)
    const to = await publish({
      // ann/1 is another picture now, ann/2 went to cleo, under another path; ann/3 is new.
      ann: { 'ann/0.jpg': 'a0', 'ann/1.jpg': 'other', 'ann/3.jpg': 'a3' },
      cleo: { 'cleo/0.jpg': 'c0', 'cleo/9.jpg': 'a2' },
      dora: { 'dora/0.jpg': 'd0' },
    })
    const { counts, identities, images } = await differ(from, to)
    expect(counts).toMatchObject({
      identities: { added: 1, removed: 1, kept: 2, relabelled: 1 },
      images: { added: 2, removed: 2, moved: 1, changed: 1, unchanged: 2 },
    })
    expect(identities).toEqual([
      { kind: 'removed', name: 'bob', fromLabel: 1 },
      { kind: 'relabelled', name: 'cleo', fromLabel: 2, toLabel: 1 },
      { kind: 'added', name: 'dora', toLabel: 2 },
    ])
    expect(images).toEqual([
      { kind: 'changed', identity: 'ann', path: 'ann/1.jpg', key: 2 },
      { kind: 'moved', identity: 'ann', toIdentity: 'cleo', path: 'ann/2.jpg', key: 3 },
      { kind: 'removed', identity: 'bob', path: 'bob/0.jpg', key: 4 },
      { kind: 'removed', identity: 'cleo', path: 'cleo/1.jpg', key: 6 },
      { kind: 'added', identity: 'ann', path: 'ann/3.jpg', key: 3 },
      { kind: 'added', identity: 'dora', path: 'dora/0.jpg', key: 6 },
    ])
    expect(describeCounts(counts)).toEqual([
      `${from} → ${to}`,
      '  identities: 1 added, 1 removed, 2 kept, 1 of them with another label',
      '  images: 2 added, 2 removed, 1 moved, 1 changed, 2 unchanged',
    ])
    expect(identities.map(describeIdentityChange)).toEqual([
      'identity removed: bob',
      'identity relabelled: cleo: label 2 → 1',
      'identity added: dora',
    ])
    expect(images.slice(0, 2).map(describeImageChange)).toEqual([
      'image changed: ann: ann/1.jpg',
      'image moved: ann → cleo: ann/2.jpg',
    ])
  })

  it('does not take a file that was renamed for another image', async () => {
    const from = await publish({ ann: { 'ann/0.jpg': 'a0' } })
    const { counts } = await differ(from, await publish({ ann: { 'ann/new.jpg': 'a0' } }))
    expect(counts.images).toMatchObject({ added: 0, removed: 0, changed: 0, unchanged: 1 })
  })

  it('counts an image that stands several times as often as it does', async () => {
    const from = await publish({ ann: { a: 'x', b: 'x', c: 'x' }, bob: { d: 'x' } })
    const to = await publish({ ann: { a: 'x' }, bob: { d: 'x', e: 'x', f: 'x', g: 'x' } })
    expect((await differ(from, to)).counts.images).toEqual({
      added: 1,
      removed: 0,
      moved: 2,
      changed: 0,
      unchanged: 2,
    })
  })

  it('counts an identity without images as one that is not there', async () => {
    const from = await publish({ ann: { a: 'x' }, bob: {} })
    const to = await publish({ ann: { a: 'x' }, bob: { b: 'y' } })
    expect(await differ(from, to)).toMatchObject({
      counts: { from: { identities: 1 }, identities: { added: 1, kept: 1 } },
      identities: [{ kind: 'added', name: 'bob' }],
    })
  })

  it('hashes the images of a dataset of another tool, and knows identities by label where they have no name', async () => {
    const name = await publish({ ann: { 'ann/0.jpg': 'a0' } })
    await writeForeign(join(folder, 'train'), [
      { key: 0, labels: [0], bytes: Buffer.from('a0') },
      { key: 1, labels: [1], bytes: Buffer.from('z') },
    ])
    const { counts, images } = await differ(name, join(folder, 'train.rec'))
    expect(counts.images).toEqual({ added: 1, removed: 0, moved: 1, changed: 0, unchanged: 0 })
    expect(images.map(describeImageChange)).toEqual([
      'image moved: ann → label 0: ann/0.jpg',
      'image added: label 1: record 1',
    ])
  })
})

it('hashes that share their high bits are still ordered in full, equal ones by identity and position', () => {
  const hash = fc.tuple(fc.nat(2), fc.nat(3)).map(([high, low]) => (BigInt(high) << 62n) | BigInt(low))
  fc.assert(
    fc.property(fc.array(fc.tuple(hash, fc.nat(2)), { maxLength: 40 }), (rows) => {
      const hashes = BigUint64Array.from(rows, ([value]) => value)
      const identities = Uint32Array.from(rows, ([, identity]) => identity)
      const order = [...orderByHash(Uint32Array.from(rows.keys()), hashes, identities)]
      const expected = [...rows.keys()].sort((a, b) => {
        const difference = hashes[a]! - hashes[b]!
        return Number(difference) || identities[a]! - identities[b]! || a - b
      })
      expect(order).toEqual(expected)
    }),
  )
})
