import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../../src/cluster/local.js'
import { type ClusterPlan, planFolder } from '../../../src/cluster/plan-file.js'
import { logFolder, readSubmission } from '../../../src/cluster/slurm/submission.js'
import { pack } from '../../../src/stages/pack/pack.js'
import { type Ended, runNode } from '../../faults/command-line.js'
import { aligned } from '../../stages/pack/packing.js'
import { temporaryFolder } from '../../temporary-folder.js'
import { contentBelow, planOf } from '../in-shards.js'
import { localRun } from '../local-run.js'
import { SlurmCluster, whyNoSlurm } from './slurm-cluster.js'

const missing = whyNoSlurm()
const faultyCli = join(import.meta.dirname, 'faulty-cli.mjs')

describe.skipIf(missing !== undefined)(
  `on a real Slurm${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let cluster: SlurmCluster
    let folder: string
    let photos: string

    beforeAll(async () => {
      folder = temporaryFolder()
      photos = join(folder, 'photos')
      const image = await aligned(85)
      for (let i = 0; i < 40; i++) {
        mkdirSync(join(photos, `P${i % 5}`), { recursive: true })
        writeFileSync(join(photos, `P${i % 5}`, `${i}.jpg`), image)
      }
      cluster = await SlurmCluster.start()
    })
    afterAll(() => cluster?.stop())

    async function planned(name: string, shards: number): Promise<ClusterPlan> {
      mkdirSync(join(folder, name))
      const options = { inputs: [photos], output: join(folder, name, 'people'), size: 112 }
      return planOf(pack, options, { path: join(folder, name, 'plan.json'), shards })
    }

    /** `facedata submit`, whose jobs meet with faults. */
    function submit(plan: ClusterPlan, faults: object, ...words: string[]): Promise<Ended> {
      const marks = join(plan.path, '..', 'faults')
      mkdirSync(marks, { recursive: true })
      const shards = join(planFolder(plan), 'shards')
      process.env['FACEDATA_FAULTS'] = JSON.stringify({ folder: marks, shards, ...faults })
      return runNode([faultyCli, 'submit', plan.path, '--to', 'slurm', ...words])
    }

    it('8 shards, of which one is killed and one fails twice, are joined', async () => {
      const whole = join(folder, 'whole', 'people')
      await runStage(pack, pack.options.parse({ inputs: [photos], output: whole, size: 112 }), localRun())
      const plan = await planned('eight', 8)
      const ended = await submit(plan, { kill: { 3: 1 }, fail: { 5: 2 } }, '--throttle', '4', '--cpus', '1')
      expect(ended.stderr).toContain('submitted again (2 of 2)')
      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stdout).toContain('packed 40 images of 5 identities (0 skipped)')
      expect(contentBelow(join(folder, 'eight', 'people'))).toEqual(contentBelow(whole))
      const { attempts } = (await readSubmission(plan))!
      const logs = readdirSync(logFolder(plan)).sort()
      const work = attempts.map((attempt, i) => {
        const tasks = [[0, 1, 2, 3, 4, 5, 6, 7], [3, 5], [5]][i]!
        return tasks.map((task) => `work-${attempt.work}_${task}.log`)
      })
      expect(logs).toEqual([...attempts.map(({ finish }) => `finish-${finish}.log`), ...work.flat()].sort())
    })

    it('shards that are never done are told with their logs; submitted again, the rest is done', async () => {
      // More shards than an array has tasks: two for each task.
      const plan = await planned('ten', 10)
      const ended = await submit(plan, { kill: { 1: 1 } }, '--retries', '0')
      const { attempts, perTask } = (await readSubmission(plan))!
      expect([perTask, attempts.length]).toEqual([2, 1])
      expect(ended).toMatchObject({ code: 1 })
      const log = join(logFolder(plan), `work-${attempts[0]!.work}_1.log`)
      expect(ended.stderr).toContain('2 of 10 shards are not done')
      expect(ended.stderr).toContain(
        `shard 2: no error was noted: it was not worked on, or was killed (log: ${log})`,
      )
      const detached = await submit(plan, {}, '--detach')
      expect(detached.stdout).toMatch(/^follow them: .*\ncancel them: scancel \d+ \d+\n$/)
      const followed = await submit(plan, {})
      expect(followed.stderr).toContain('submitted earlier: ')
      expect(followed).toMatchObject({ code: 0 })
      expect(followed.stdout).toContain('packed 40 images')
      expect(readFileSync(join(folder, 'ten', 'people', 'property'), 'utf8')).toBe('5,112,112\n')
    })
  },
)
