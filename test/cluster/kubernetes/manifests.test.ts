import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Job } from 'kubernetes-models/batch/v1'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jobManifests } from '../../../src/cluster/kubernetes/manifests.js'
import { writeManifests } from '../../../src/cluster/kubernetes/write-manifests.js'
import { type ClusterPlan, planFolder } from '../../../src/cluster/plan-file.js'
import { UsageError } from '../../../src/errors/index.js'
import { temporaryFolder } from '../../temporary-folder.js'

const folder = temporaryFolder()
const plan = {
  path: join(folder, 'my plan.json'),
  stage: 'pack',
  id: '0123456789abcdef',
  output: { path: join(folder, 'people'), kind: 'dataset' },
  shards: Array.from({ length: 8 }, () => ({ bytes: 1, xxh64: '0' })),
} as unknown as ClusterPlan
const settings = {
  image: 'registry/facedata:0.1.0',
  volumes: ['faces:/data', '/mnt/photos:/photos'],
  retries: 2,
  work: {},
  finish: {},
}

/** By the schema that Kubernetes publishes for `batch/v1`. */
function check(manifest: object): void {
  new Job(manifest as ConstructorParameters<typeof Job>[0]).validate()
}

describe('manifests for Kubernetes', () => {
  it('are Jobs by the published schema: an indexed one for the shards, one that joins', () => {
    const { work, finish } = jobManifests(plan, {
      ...settings,
      work: { cpus: 2, memory: '4Gi' },
      finish: { memory: '16Gi' },
      throttle: 3,
      namespace: 'faces',
    })
    check(work)
    check(finish)
    expect(work).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'facedata-pack-0123456789abcdef-work', namespace: 'faces' },
      spec: {
        completionMode: 'Indexed',
        completions: 8,
        parallelism: 3,
        backoffLimitPerIndex: 2,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [
              {
                image: settings.image,
                command: ['facedata', 'work', plan.path, '--per-task', '1', '--jobs', '2'],
                resources: { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '2', memory: '4Gi' } },
                volumeMounts: [
                  { name: 'volume-0', mountPath: '/data' },
                  { name: 'volume-1', mountPath: '/photos' },
                ],
              },
            ],
            volumes: [
              { name: 'volume-0', persistentVolumeClaim: { claimName: 'faces' } },
              { name: 'volume-1', hostPath: { path: '/mnt/photos' } },
            ],
          },
        },
      },
    })
    const memory = { memory: '16Gi' }
    const joins = {
      command: ['facedata', 'finish', plan.path],
      resources: { requests: memory, limits: memory },
    }
    expect(finish).toMatchObject({
      spec: { backoffLimit: 2, template: { spec: { containers: [joins] } } },
    })
    expect(finish).not.toHaveProperty('spec.completionMode')
  })

  it('would not pass the schema with a value of another type', () => {
    const { work } = jobManifests(plan, settings)
    const broken = structuredClone(work) as { spec: Record<string, unknown> }
    broken.spec['completions'] = 'eight'
    expect(() => check(broken)).toThrow()
  })

  it('have several shards a pod where a Job has room for fewer pods', () => {
    const shards = Array.from({ length: 250_001 }, () => ({ bytes: 1, xxh64: '0' }))
    const { work } = jobManifests({ ...plan, shards }, settings)
    check(work)
    expect(work).toMatchObject({ spec: { completions: 83_334, parallelism: 83_334 } })
    expect(JSON.stringify(work)).toContain('"--per-task","3"')
  })

  it.each(['faces', 'Faces:/data', 'faces:data', ':/data', 'a b:/data'])('refuse --volume %s', (volume) => {
    expect(() => jobManifests(plan, { ...settings, volumes: [volume] })).toThrow(UsageError)
  })

  it('are written beside the plan, with the commands that apply them', async () => {
    mkdirSync(join(planFolder(plan), 'shards'), { recursive: true })
    const { work, finish, commands } = await writeManifests(plan, settings)
    for (const file of [work, finish]) check(parse(readFileSync(file, 'utf8')))
    expect(commands).toEqual([
      `kubectl apply -f '${work}'`,
      `kubectl wait --for=condition=complete --timeout=-1s job/facedata-pack-0123456789abcdef-work && kubectl apply -f '${finish}'`,
    ])
  })
})
