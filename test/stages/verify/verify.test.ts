import { open, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { StageContext } from '../../../src/stages/stage.js'
import { verifyStage } from '../../../src/stages/verify/verify.js'
import { localRun } from '../../cluster/local-run.js'
import { writeForeign } from '../../dataset/make-dataset.js'
import { temporaryFolder } from '../../temporary-folder.js'

it('what shards found of a file holds for its bytes alone: one that is written to meanwhile is planned anew', async () => {
  const folder = temporaryFolder()
  const images = [0, 1, 2, 3].map((key) => ({ key, labels: [key], bytes: Buffer.from(`image ${key}`) }))
  await writeForeign(join(folder, 'train'), images)
  const records = join(folder, 'train.rec')
  const options = verifyStage.options.parse({ dataset: folder, output: join(folder, 'report.json') })
  const context = { ...localRun(), scratch: folder } as unknown as StageContext
  const plan = await verifyStage.plan(options, 2)
  expect((await verifyStage.plan(options, 2)).fingerprint).toBe(plan.fingerprint)
  await verifyStage.work(plan.shards[0]!, context)

  const file = await open(records, 'r+')
  await file.write(Buffer.from('X'), 0, 1, 40)
  await file.close()
  await utimes(records, 1, 1)
  await expect(verifyStage.work(plan.shards[1]!, context)).rejects.toThrow(
    /train\.rec: it or its index was written to after this verification was planned/,
  )
  await expect(verifyStage.finish(plan, [], context)).rejects.toThrow('Plan it again')
  expect((await verifyStage.plan(options, 2)).fingerprint).not.toBe(plan.fingerprint)
})
