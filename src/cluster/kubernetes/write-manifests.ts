import { join } from 'node:path'
import { stringify } from 'yaml'
import { writeFileAtomically } from '../../io/index.js'
import { shellWord } from '../../terminal/index.js'
import { jobsFolder, makeJobsFolder } from '../jobs-folder.js'
import type { ClusterPlan } from '../plan-file.js'
import { refuseGone } from '../work-on-plan.js'
import { jobManifests, jobName, type KubernetesSettings } from './manifests.js'

/** Files of manifests, and the commands that apply them, one after the other. */
export interface WrittenManifests {
  work: string
  finish: string
  commands: [string, string]
}

/** Writes the manifests of a plan beside it. @throws UsageError, OutputError */
export async function writeManifests(
  plan: ClusterPlan,
  settings: KubernetesSettings,
): Promise<WrittenManifests> {
  await refuseGone(plan)
  const manifests = jobManifests(plan, settings)
  await makeJobsFolder(plan)
  const folder = join(jobsFolder(plan.path), 'kubernetes')
  const [work, finish] = [join(folder, 'work.yaml'), join(folder, 'finish.yaml')]
  await writeFileAtomically(work, stringify(manifests.work))
  await writeFileAtomically(finish, stringify(manifests.finish))
  const namespace = settings.namespace === undefined ? '' : ` --namespace ${settings.namespace}`
  const done = `kubectl wait${namespace} --for=condition=complete --timeout=-1s job/${jobName(plan, 'work')}`
  return {
    work,
    finish,
    commands: [`kubectl apply -f ${shellWord(work)}`, `${done} && kubectl apply -f ${shellWord(finish)}`],
  }
}
