import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { jobsFolder, makeJobsFolder } from '../../src/cluster/jobs-folder.js'
import { writeManifests } from '../../src/cluster/kubernetes/write-manifests.js'
import { planFolder } from '../../src/cluster/plan-file.js'
import { UsageError } from '../../src/errors/index.js'
import { removeTree } from '../../src/io/index.js'
import { pack } from '../../src/stages/pack/pack.js'
import { aligned } from '../stages/pack/packing.js'
import { temporaryFolder } from '../temporary-folder.js'
import { planOf } from './in-shards.js'

const image = await aligned(85)
let folder: string
let path: string
let jobs: string

beforeEach(() => {
  folder = temporaryFolder()
  path = join(folder, 'umd.json')
  jobs = jobsFolder(path)
  mkdirSync(join(folder, 'photos', 'P0'), { recursive: true })
  writeFileSync(join(folder, 'photos', 'P0', '0.jpg'), image)
})

const plan = () => {
  const options = { inputs: [join(folder, 'photos')], output: join(folder, 'people'), size: 112 }
  return planOf(pack, options, { path, shards: 1 })
}

describe('a folder of jobs', () => {
  it('of an earlier plan is removed with all that was put there', async () => {
    const made = await plan()
    await writeManifests(made, { image: 'faces', volumes: ['faces:/data'], retries: 2, work: {}, finish: {} })
    mkdirSync(join(jobs, 'logs'))
    const names = ['submission.json', 'outcome.json', 'work.sh', 'finish.sh', '.work.sh.0123abcd.tmp']
    for (const name of [...names, 'logs/work-12_0.log', 'logs/finish-13.log']) {
      writeFileSync(join(jobs, name), '')
    }
    await removeTree(planFolder(made))
    await plan()
    expect(existsSync(jobs)).toBe(false)
  })

  it('that somebody else made is left as it is, and nothing is planned', async () => {
    mkdirSync(join(jobs, 'logs'), { recursive: true })
    writeFileSync(join(jobs, 'logs', 'work-1_2.log'), 'weeks of work')
    await expect(plan()).rejects.toThrow(UsageError)
    await expect(plan()).rejects.toThrow(/umd.jobs, where .* was not made by facedata .* Choose another name/)
    expect(readFileSync(join(jobs, 'logs', 'work-1_2.log'), 'utf8')).toBe('weeks of work')
    expect(readdirSync(folder).sort()).toEqual(['photos', 'umd.jobs'])
  })

  it('of an earlier plan that holds something else too is left as it is', async () => {
    const made = await plan()
    await makeJobsFolder(made)
    writeFileSync(join(jobs, 'notes.txt'), 'mine')
    mkdirSync(join(jobs, 'logs', 'old'), { recursive: true })
    await removeTree(planFolder(made))
    await expect(plan()).rejects.toThrow(/also holds what facedata did not put there: .*notes.txt/)
    expect(readFileSync(join(jobs, 'notes.txt'), 'utf8')).toBe('mine')
  })

  it('that is a link or a file is refused, by submitting too', async () => {
    const made = await plan()
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), jobs)
    const manifests = writeManifests(made, {
      image: 'faces',
      volumes: ['faces:/data'],
      retries: 2,
      work: {},
      finish: {},
    })
    await expect(manifests).rejects.toThrow('stands where the jobs of the plan have their folder')
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })
})
