import { UsageError } from '../../errors/index.js'
import type { ClusterPlan } from '../plan-file.js'

/** How the jobs of a plan run on Kubernetes. */
export interface KubernetesSettings {
  /** Container image whose `facedata` is this version. */
  image: string
  /** `CLAIM:/path` or `/path/on/node:/path`: where plan, inputs and output lie, under the paths that the plan has. */
  volumes: string[]
  /** Pods that run at a time at most. */
  throttle?: number
  /** How often a shard is tried again. */
  retries: number
  /** Of a pod that works on shards. */
  work: PodResources
  /** Of the pod that joins them: it reads and writes everything, and may need more than the others. */
  finish: PodResources
  namespace?: string
}

/** Requests and limits of a pod, as Kubernetes writes them: `2`, `4Gi`. */
export interface PodResources {
  cpus?: number
  memory?: string
}

/** What stands for the words `facedata` in the image. */
const PROGRAM = 'facedata'

/** With a limit of failures an index: the most completions that an Indexed Job may have. */
const MOST_COMPLETIONS = 100_000

/** Names of jobs are labels of pods too. */
const LONGEST_NAME = 63

/** A Job of `batch/v1`, as a plain object. */
export type JobManifest = Record<string, unknown>

/**
 * The Indexed Job that works on the shards, one pod each, and the Job that joins them.
 * @throws UsageError for a volume that cannot be read
 */
export function jobManifests(
  plan: ClusterPlan,
  settings: KubernetesSettings,
): { work: JobManifest; finish: JobManifest } {
  const shards = plan.shards.length
  const perTask = Math.ceil(shards / MOST_COMPLETIONS)
  const completions = Math.ceil(shards / perTask)
  const work = ['work', plan.path, '--per-task', String(perTask)]
  return {
    work: job('work', plan, settings, work, {
      completionMode: 'Indexed',
      completions,
      parallelism: Math.min(completions, settings.throttle ?? completions),
      backoffLimitPerIndex: settings.retries,
    }),
    finish: job('finish', plan, settings, ['finish', plan.path], {
      backoffLimit: settings.retries,
    }),
  }
}

/** A DNS label: the stage and the plan's id tell it from others. */
export function jobName({ stage, id }: Pick<ClusterPlan, 'stage' | 'id'>, kind: 'work' | 'finish'): string {
  return `facedata-${stage}-${id}-${kind}`.slice(0, LONGEST_NAME)
}

function job(
  kind: 'work' | 'finish',
  plan: ClusterPlan,
  settings: KubernetesSettings,
  words: string[],
  spec: Record<string, unknown>,
): JobManifest {
  const labels = { 'app.kubernetes.io/name': 'facedata', 'facedata/plan': plan.id }
  const mounts = settings.volumes.map(parseVolume)
  const name = jobName(plan, kind)
  const { cpus } = settings[kind]
  const resources = resourcesOf(settings[kind])
  const jobs = cpus === undefined ? [] : ['--jobs', String(cpus)]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...(settings.namespace && { namespace: settings.namespace }), labels },
    spec: {
      ...spec,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'facedata',
              image: settings.image,
              command: [PROGRAM, ...words, ...jobs],
              ...(resources && { resources }),
              volumeMounts: mounts.map(({ mountPath }, i) => ({ name: `volume-${i}`, mountPath })),
            },
          ],
          volumes: mounts.map(({ source }, i) => ({ name: `volume-${i}`, ...source })),
        },
      },
    },
  }
}

function resourcesOf({ cpus, memory }: PodResources) {
  if (cpus === undefined && memory === undefined) return undefined
  const amounts = { ...(cpus !== undefined && { cpu: String(cpus) }), ...(memory && { memory }) }
  return { requests: amounts, limits: amounts }
}

function parseVolume(text: string) {
  const [, from, mountPath] = /^([^:]+):(\/[^:]*)$/.exec(text) ?? []
  if (from?.startsWith('/')) return { mountPath, source: { hostPath: { path: from } } }
  // The name of a claim is a DNS subdomain.
  if (from === undefined || !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(from)) {
    throw new UsageError(
      `--volume ${text}: CLAIM:/path is expected, with the name of a PersistentVolumeClaim, or /path/on/node:/path`,
    )
  }
  return { mountPath, source: { persistentVolumeClaim: { claimName: from } } }
}
