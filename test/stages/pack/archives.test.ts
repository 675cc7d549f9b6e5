import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { Dataset } from '../../../src/dataset/index.js'
import { InputError, StrictError } from '../../../src/errors/index.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { makeTar, type TarFile } from '../../archives/make-tar.js'
import { makeZip, type ZipFile } from '../../archives/make-zip.js'
import { localRun } from '../../cluster/local-run.js'
import { picture } from '../../image/pictures.js'
import { aligned, contents, packFolders, temporaryFolder, writeTree } from './packing.js'

type Files = Record<string, Uint8Array | string>

function writeArchive(bytes: Uint8Array, name: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  return path
}

function zipOf(files: Files, name = 'people.zip'): string {
  const entries = Object.entries(files).map(([name, content], i) => {
    return { name, content: Buffer.from(content as Uint8Array), deflate: i % 2 === 0 }
  })
  return writeArchive(makeZip(entries), name)
}

function tarOf(files: Files, name = 'people.tar'): string {
  const members = Object.entries(files).map(([name, content]) => {
    return { name, content: Buffer.from(content as Uint8Array) }
  })
  return writeArchive(makeTar(members), name)
}

async function people(): Promise<Files> {
  const files: Files = {}
  for (let i = 0; i < 80; i++) files[`person ${i % 7}/${i}.jpg`] = await aligned(30 + (i % 60))
  return {
    'top.jpg': await aligned(91),
    ...files,
    'set/inner/big.png': await picture(40, 30).png().toBuffer(),
    'set/inner/0001': await picture(16, 16).png().toBuffer(),
    'set/inner/README': 'text',
    'Zoë/é.jpg': await aligned(92),
    'person 3/broken.jpg': 'broken',
    'person 3/notes.txt': 'text',
    'person 3/.hidden.jpg': 'hidden',
    '.cache/1.jpg': 'hidden',
    '.cache/deeper/2.jpg': 'hidden',
    '__MACOSX/person 3/._1.jpg': 'hidden',
    'person 4/.facedata.json': '{}',
  }
}

describe('pack of an archive', () => {
  it('gives what the unpacked folder gives, for any number of shards and threads', async () => {
    const files = await people()
    const unpacked = await packFolders([writeTree(files)])
    expect(unpacked).toMatchObject({ skipped: 1, identities: 10 })
    const { output: _, fingerprint: __, ...expected } = unpacked
    const describesSame = async (output: string, archive: string) => {
      for (const name of ['train.rec', 'train.idx', 'train.lst', 'property']) {
        const same = readFileSync(join(output, name)).equals(readFileSync(join(unpacked.output, name)))
        expect([archive, name, same]).toEqual([archive, name, true])
      }
    }
    for (const archive of [zipOf(files), tarOf(files)]) {
      const name = archive.split('/').at(-1)!
      const one = await packFolders([archive])
      expect(one).toMatchObject({
        ...expected,
        skippedLines: expected.skippedLines.map((line) => ({ ...line, source: name })),
      })
      await describesSame(one.output, name)
      const dataset = await Dataset.open(one.output)
      expect(dataset.description!.sources).toEqual([{ kind: 'archive', name }])
      await dataset.close()
      const four = await packFolders([archive], {}, { shards: 4 })
      const parsed = pack.options.parse({
        inputs: [archive],
        size: 16,
        output: join(temporaryFolder(), 'packed'),
      })
      const { output } = await runStage(pack, parsed, localRun({ jobs: 2 }))
      for (const file of readdirSync(one.output)) {
        const bytes = readFileSync(join(one.output, file))
        expect(readFileSync(join(four.output, file)).equals(bytes), file).toBe(true)
        expect(readFileSync(join(output, file)).equals(bytes), file).toBe(true)
      }
    }
  })

  it('lists what cannot be read, with the reason, and --strict minds it', async () => {
    const whole = await aligned()
    const files: ZipFile[] = [
      { name: 'alice/1.jpg', content: whole },
      { name: 'alice/crc.jpg', content: whole, claims: { crc32: 1 } },
      { name: 'alice/secret.jpg', content: whole, flags: 1 },
      { name: 'alice/link.jpg', content: Buffer.from('/etc/passwd'), attributes: 0xa1ff0000 },
      { name: 'alice/bomb.jpg', content: Buffer.alloc(2 ** 21), deflate: true },
      { name: '../../alice/2.jpg', content: whole },
      { name: '/alice/3.jpg', content: whole },
      { name: 'alice/\x1b]0;.jpg', content: whole },
      { name: '../evil.sh', content: Buffer.from('text') },
    ]
    const archive = writeArchive(makeZip(files), 'people.zip')
    const result = await packFolders([archive])
    expect(result).toMatchObject({ images: 1, identities: 1, skipped: 7, ignored: { '.sh': 1 } })
    expect(result.skippedLines.map(({ path, reason }) => [path, reason.split(':')[0]])).toEqual([
      ['../../alice/2.jpg', 'its name leads out of the archive'],
      ['/alice/3.jpg', 'its name is an absolute path'],
      ['alice/\\x1b]0;.jpg', 'its name holds control characters'],
      ['alice/bomb.jpg', 'it grows when unpacked as decompression bombs do'],
      ['alice/crc.jpg', expect.stringMatching(/^at offset \d+$/)],
      ['alice/link.jpg', 'it is a symbolic link, which is not followed in an archive'],
      ['alice/secret.jpg', 'it is encrypted'],
    ])
    const strict = packFolders([archive], {}, { strict: true })
    await expect(strict).rejects.toThrow(StrictError)
    await expect(packFolders([archive], {}, { strict: true })).rejects.toThrow(
      /^7 skipped.*people\.zip\/\.\.\/\.\.\/alice\/2\.jpg: its name leads out/,
    )
    const hopeless = writeArchive(makeZip(files.slice(5)), 'people.zip')
    await expect(packFolders([hopeless])).rejects.toThrow(/no identity in this archive.*its name leads out/)
    const encrypted = writeArchive(makeZip(files.slice(2, 3)), 'people.zip')
    await expect(packFolders([encrypted])).rejects.toThrow(/no image is left to pack.*it is encrypted/)
  })

  it('takes the last of several files of one name, as unpacking does', async () => {
    const [first, last, other] = [await aligned(50), await aligned(60), await aligned(70)]
    const members: TarFile[] = [
      { name: 'alice/1.jpg', content: first },
      { name: 'alice/2.jpg', content: other },
      { name: './alice/1.jpg', content: last },
    ]
    const result = await packFolders([writeArchive(makeTar(members), 'people.tar')])
    expect((await contents(result.output)).map(({ bytes }) => bytes)).toEqual([last, other])
    expect(result.skippedLines).toEqual([
      { source: 'people.tar', path: 'alice/1.jpg', reason: 'a later file of the archive has the same name' },
    ])
  })

  it('names the identity of images outside of folders after the archive, and joins names only when told', async () => {
    const [first, second] = [await aligned(50), await aligned(60)]
    const archive = zipOf({ '1.jpg': first }, 'alice.zip')
    const folder = writeTree({ 'alice/1.jpg': second })
    await expect(packFolders([archive, folder])).rejects.toThrow(/identity "alice" is in several places/)
    const { output } = await packFolders([archive, folder], { 'join-by-name': true })
    expect(await contents(output)).toEqual([
      { key: 1, label: 0, name: 'alice', bytes: first },
      { key: 2, label: 0, name: 'alice', bytes: second },
    ])
  })

  it('stops where the archive changes between plan and work, and has another fingerprint then', async () => {
    const archive = zipOf({ 'alice/1.jpg': await aligned() })
    const options = pack.options.parse({
      inputs: [archive],
      size: 16,
      output: join(temporaryFolder(), 'packed'),
    })
    const plan = await pack.plan(options, 1)
    utimesSync(archive, 1, 1)
    const work = pack.work(plan.shards[0]!, { ...localRun(), scratch: temporaryFolder() })
    await expect(work).rejects.toThrow(InputError)
    await expect(work).rejects.toThrow(/people\.zip: the archive changed while it was read/)
    expect((await pack.plan(options, 1)).fingerprint).not.toBe(plan.fingerprint)
    expect((await pack.plan(options, 1)).fingerprint).toBe((await pack.plan(options, 1)).fingerprint)
  })

  it('keeps labels, from a folder to the archive of a later night', async () => {
    const [first, second, third] = [await aligned(50), await aligned(60), await aligned(70)]
    const before = await packFolders([writeTree({ 'bob/1.jpg': first, 'carol/1.jpg': second })])
    const archive = tarOf({ 'alice/1.jpg': third, 'bob/1.jpg': first, 'carol/1.jpg': second })
    const { output } = await packFolders([archive], { 'labels-from': before.output })
    expect((await contents(output)).map(({ label, name }) => [label, name])).toEqual([
      [0, 'bob'],
      [1, 'carol'],
      [2, 'alice'],
    ])
  })

  it('refuses what it cannot read at random, and says where archives are inputs', async () => {
    const bytes = readFileSync(tarOf({ 'alice/1.jpg': await aligned() }))
    await expect(packFolders([writeArchive(gzipSync(bytes), 'people.tar.gz')])).rejects.toThrow(
      /gzip cannot be read.*gunzip -k .*people\.tar\.gz/,
    )
    const folder = writeTree({ 'a.tar': bytes, 'b.tar': bytes })
    await expect(packFolders([folder])).rejects.toThrow(
      /found other files: 2 \.tar.*facedata pack .*\/\*\.tar/,
    )
    expect((await packFolders([join(folder, 'a.tar')])).images).toBe(1)
    const both = [writeTree({ 'alice/1.jpg': await aligned(), 'a.tar': bytes })]
    expect(await packFolders(both)).toMatchObject({ images: 1, ignored: { '.tar': 1 } })
    await expect(packFolders([join(folder, 'a.tar'), join(folder, 'a.tar')])).rejects.toThrow(/given twice/)
  })

  it('packs a mutated archive, or refuses it in words', async () => {
    const image = await aligned(20)
    const members = ['a/1.jpg', 'a/2.jpg', 'b/3.jpg'].map((name) => ({ name, content: image, deflate: true }))
    const labelled: TarFile[] = [...members, { name: 'b/3.cls', content: Buffer.from('c') }]
    const wholes = [makeZip(members), makeTar(members), makeTar(labelled)]
    const path = writeArchive(wholes[0]!, 'people')
    let packed = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 5 }),
        async (which, changes) => {
          const bytes = Buffer.from(wholes[which]!)
          for (const [at, value] of changes) bytes[Math.floor(at * (bytes.length - 1))] = value
          writeFileSync(path, bytes)
          const context = { ...localRun(), scratch: temporaryFolder() }
          try {
            const output = join(context.scratch, 'packed')
            const plan = await pack.plan(pack.options.parse({ inputs: [path], size: 16, output }), 1)
            const results = [await pack.work(plan.shards[0]!, context)]
            const { images, skipped } = await pack.finish(plan, results, context)
            expect(images + skipped).toBeLessThanOrEqual(3)
            packed++
          } catch (error) {
            expect(error).toBeInstanceOf(InputError)
          }
        },
      ),
      { numRuns: 120, seed: 3 },
    )
    expect(packed).toBeGreaterThan(20)
  })

  it('calls the output by the archive, or by what several have in common', () => {
    const nameOf = (...inputs: string[]) =>
      pack.output(pack.options.parse({ inputs, datasets: '/data' })).path.replace('/data/', '')
    expect(nameOf('/photos/umd.zip')).toBe('umd')
    expect(nameOf('/photos/umd.v2.TAR')).toBe('umd.v2')
    expect(nameOf('/photos/umd.zip', '/photos/ms1m')).toBe('umd+ms1m')
    expect(nameOf('/ms1mv3-0000.tar', '/ms1mv3-0001.tar', '/ms1mv3-0002.tar')).toBe('ms1mv3')
    expect(nameOf('/a/train-00000-of-00002.tar', '/a/train-00001-of-00002.tar')).toBe('train')
    expect(nameOf('/faces/000.tar', '/faces/001.tar')).toBe('faces')
    expect(nameOf('/a/ms1mv2-0.tar', '/a/ms1mv3-0.tar')).toBe('ms1mv2-0+ms1mv3-0')
  })
})
