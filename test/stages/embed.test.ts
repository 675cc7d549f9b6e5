import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { type LocalRun, runStage } from '../../src/cluster/local.js'
import { Dataset } from '../../src/dataset/index.js'
import { EmbeddingCache, openEmbeddingModel } from '../../src/embeddings/index.js'
import { InputError, StrictError, UsageError } from '../../src/errors/index.js'
import { decodeRgb, encodeJpeg } from '../../src/image/index.js'
import { type EmbedResult, embed } from '../../src/stages/embed/embed.js'
import { localRun } from '../cluster/local-run.js'
import { writePoolingModel } from '../embeddings/pooling-model.js'
import { testData } from '../oracles/data.js'
import { temporaryFolder } from '../temporary-folder.js'
import { tinyImage, writeTinyBin, writeTinyDataset } from '../training/tiny-dataset.js'

const folder = temporaryFolder()
const datasets = join(folder, 'datasets')
const model = join(folder, 'pooling.onnx')
const tiny = { identities: 4, imagesEach: 5, size: 16 }
await mkdir(datasets)
await writePoolingModel(model, 16)
await writeTinyDataset(join(datasets, 'tiny'), tiny)

const at = (name: string) => join(folder, name)

function run(given: Record<string, unknown>, local: Partial<LocalRun> = {}): Promise<EmbedResult> {
  return runStage(embed, embed.options.parse({ model, datasets, ...given }), localRun(local))
}

interface Row {
  key: number
  label: number
  identity: string | null
  path: string
  xxh64: bigint
  embedding: number[]
}

/** Rows of the file, read by another reader than ours. */
async function rowsOf(file: string): Promise<Row[]> {
  return tableFromIPC(await readFile(file))
    .toArray()
    .map((row) => ({ ...row.toJSON(), embedding: [...row.toJSON().embedding] }))
}

describe('embed', () => {
  it('writes a row for each record: its key, label, name, path, hash and embedding', async () => {
    const result = await run({ input: 'tiny', output: at('tiny.arrow') })
    expect(result).toMatchObject({ images: 20, computed: 20, embeddingSize: 48, skipped: 0 })
    expect(embed.describe(result)).toEqual(['20 embeddings of 48 numbers: 20 computed, 0 known (0 skipped)'])
    const rows = await rowsOf(at('tiny.arrow'))
    const dataset = await Dataset.open(join(datasets, 'tiny'))
    const table = await dataset.table()
    expect(rows.map(({ key }) => key)).toEqual([...table.keys])
    expect(rows.map(({ label }) => label)).toEqual([...table.labels])
    expect(rows[7]).toMatchObject({ identity: 'identity-1', path: 'identity-1/2.jpg' })
    const { data } = await decodeRgb((await dataset.image(7)).bytes)
    await dataset.close()
    const corner = Array.from({ length: 16 }, (_, i) => data[3 * ((i >> 2) * 16 + (i & 3))]!)
    const mean = corner.reduce((sum, value) => sum + value, 0) / 16
    expect(rows[7]!.embedding[0]! * 127.5 + 127.5).toBeCloseTo(mean, 3)
  })

  it('takes what is known from the cache, for every source, and gives the same bytes', async () => {
    const again = await run({ input: 'tiny', output: at('again.arrow') })
    expect(again).toMatchObject({ images: 20, computed: 0 })
    expect(await readFile(at('again.arrow'))).toEqual(await readFile(at('tiny.arrow')))
    await mkdir(at('photos/ann'), { recursive: true })
    for (const image of [0, 1]) {
      await writeFile(at(`photos/ann/${image}.jpg`), encodeJpeg(tinyImage(tiny, 2, image), 95))
    }
    await writeFile(at('photos/ann/new.jpg'), encodeJpeg(tinyImage(tiny, 2, 99), 95))
    const photos = await run({ input: at('photos'), output: at('photos.arrow') })
    expect(photos).toMatchObject({ images: 3, computed: 1 })
    expect((await rowsOf(at('photos.arrow'))).map(({ identity, path }) => [identity, path])).toEqual([
      ['ann', 'ann/0.jpg'],
      ['ann', 'ann/1.jpg'],
      ['ann', 'ann/new.jpg'],
    ])
  })

  it('gives an image of a bin no name where nothing tells it', async () => {
    await writeTinyBin(at('tiny.bin'), tiny, 4)
    await run({ input: at('tiny.bin'), output: at('bin.arrow') })
    const rows = await rowsOf(at('bin.arrow'))
    expect(rows.map(({ identity, label }) => [identity, label])).toEqual(
      [0, 0, 1, 2, 3, 3, 4, 5].map((label) => [null, label]),
    )
  })

  it('goes on behind what a killed run had finished, with the same bits', async () => {
    const opened = await openEmbeddingModel(model)
    const cache = await EmbeddingCache.open({ folder: at('killed') }, opened)
    const rows = await rowsOf(at('tiny.arrow'))
    for (const { xxh64, embedding } of rows.slice(3, 10)) cache.add(xxh64, Float32Array.from(embedding))
    await cache.close()
    await opened.embedder.close()
    const resumed = await run({ input: 'tiny', output: at('resumed.arrow'), embeddings: [at('killed')] })
    expect(resumed.computed).toBe(13)
    expect(await readFile(at('resumed.arrow'))).toEqual(await readFile(at('tiny.arrow')))
  })

  it('takes embeddings from a file, and refuses one of another model', async () => {
    const embeddings = [at('elsewhere'), at('tiny.arrow')]
    const known = await run({ input: 'tiny', output: at('known.arrow'), embeddings })
    expect(known.computed).toBe(0)
    const other = run({ input: 'tiny', output: at('other.arrow'), embeddings, mean: 100 })
    await expect(other).rejects.toThrow(/tiny.arrow: its embeddings are of another model/)
    const places = { folder: at('places'), embeddings: [at('a'), at('b')] }
    await expect(run({ input: 'tiny', output: at('x.arrow'), ...places })).rejects.toThrow(UsageError)
  })

  it('embeds anew where the model or what enters it is another', async () => {
    const shifted = await run({ input: 'tiny', output: at('shifted.arrow'), mean: 100 })
    expect(shifted.computed).toBe(20)
    const [a] = await rowsOf(at('tiny.arrow'))
    const [b] = await rowsOf(at('shifted.arrow'))
    expect(b!.embedding[5]! - a!.embedding[5]!).toBeCloseTo(27.5 / 127.5, 4)
  })

  it('lists what has no embedding, and why; --strict publishes nothing', async () => {
    await mkdir(at('odd/ann'), { recursive: true })
    await writeFile(at('odd/ann/a.jpg'), encodeJpeg(tinyImage(tiny, 0, 0), 95))
    await writeFile(at('odd/ann/b.jpg'), encodeJpeg(tinyImage({ ...tiny, size: 32 }, 0, 0), 95))
    await writeFile(at('odd/ann/c.jpg'), 'no image')
    const result = await run({ input: at('odd'), output: at('odd.arrow') })
    expect(result).toMatchObject({ images: 1, skipped: 2, skippedList: at('odd.arrow.skipped.jsonl') })
    const lines = (await readFile(at('odd.arrow.skipped.jsonl'), 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { source: 'odd', key: 1, path: 'ann/b.jpg', reason: '32x32 pixels, where the model takes 16x16' },
      { source: 'odd', key: 2, path: 'ann/c.jpg', reason: 'not an image of a known format' },
    ])
    const strict = run({ input: at('odd'), output: at('strict.arrow') }, { strict: true })
    await expect(strict).rejects.toThrow(StrictError)
    expect(await readdir(folder)).not.toContain('strict.arrow')
    await rm(at('odd/ann/a.jpg'))
    const none = run({ input: at('odd'), output: at('none.arrow') })
    await expect(none).rejects.toThrow(/none of its 2 images can be embedded: 32x32 pixels/)
    await expect(run({ input: 'nobody', output: at('n.arrow') })).rejects.toThrow(InputError)
  })

  it.skipIf(testData() === undefined)('embeds photos by a foreign model (needs ../shared/data)', async () => {
    const result = await run({
      model: join(testData()!, 'models/mobilefacenet_192.onnx'),
      input: join(testData()!, 'celeb5/aligned'),
      output: at('celeb5.arrow'),
    })
    expect(result).toMatchObject({ images: 93, embeddingSize: 192, skipped: 0 })
  })
})
