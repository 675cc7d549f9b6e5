import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { encodeJpeg } from '../../src/image/index.js'
import { silentLog } from '../../src/progress/progress.js'
import { pack } from '../../src/stages/pack/pack.js'
import { train } from '../../src/stages/train/train.js'
import { renderFace } from '../../src/synthesis/index.js'
import { localRun } from '../cluster/local-run.js'
import { memoryFolder } from './memory-folder.js'

const folder = memoryFolder()
const photos = join(folder, 'photos')
const datasets = join(folder, 'datasets')
const config = join(folder, 'tiny.yaml')

function writePhotos(seed: number): void {
  for (let identity = 0; identity < 5; identity++) {
    mkdirSync(join(photos, `p${identity}`), { recursive: true })
    for (let image = 0; image < 4; image++) {
      const path = join(photos, `p${identity}`, `${image}.jpg`)
      writeFileSync(path, encodeJpeg(renderFace(seed, identity, image), 95))
    }
  }
}

async function publishNight(seed: number): Promise<string> {
  writePhotos(seed)
  const options = pack.options.parse({ inputs: [photos], output: 'people', size: 16, datasets })
  return ((await runStage(pack, options, localRun({ replace: true }))) as { fingerprint: string }).fingerprint
}

/** Trains on what is published; `onStep` hears of every step. Returns the losses. */
async function trainOn(name: string, onStep: (step: number) => void): Promise<number[]> {
  const run = join(folder, name)
  const log = {
    ...silentLog,
    info(message: string) {
      const step = /^step (\d+)\//.exec(message.trim())?.[1]
      if (step !== undefined) onStep(Number(step))
    },
  }
  const options = train.options.parse({ config, dataset: 'people', datasets, output: run })
  await runStage(train, options, localRun({ log }))
  return readFileSync(join(run, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as { loss?: number }).loss ?? [])
}

it('a training that reads one version is not disturbed by the nights that publish others', async () => {
  writeFileSync(
    config,
    [
      'network: {name: mbf, blocks: [1, 0, 0, 0], scale: 1}',
      'embedding_size: 8',
      'batch_size: 4',
      'num_epoch: 8',
      'frequent: 1',
      'num_workers: 2',
    ].join('\n'),
  )
  const first = await publishNight(1)
  const expected = await trainOn('undisturbed', () => {})
  const nights: Promise<string>[] = []
  let seen = 0
  const losses = await trainOn('disturbed', (step) => {
    seen = step
    if (nights.length === 0) nights.push(publishNight(2).then(() => publishNight(3)))
  })
  await Promise.all(nights)
  expect(seen).toBeGreaterThan(30)
  expect(nights).toHaveLength(1)
  expect(losses).toEqual(expected)
  // The version that it began with is not even there any more.
  expect(readdirSync(join(datasets, '.versions/people'))).not.toContain(first)
}, 120_000)
