import { dirname } from 'node:path'
import { shellWord } from '../../terminal/index.js'
import type { ClusterPlan } from '../plan-file.js'
import { logFolder, type SlurmSettings } from './submission.js'

/** What a job runs, and how Slurm is to treat it. */
export interface JobScript {
  kind: 'work' | 'finish'
  plan: ClusterPlan
  settings: SlurmSettings
  program: string[]
  perTask: number
}

/** A script for sbatch. Array and dependency are told on sbatch's command line, since they change from time to time. */
export function jobScript({ kind, plan, settings, program, perTask }: JobScript): string {
  const { partition, account } = settings
  const { time, memory, cpus } = settings[kind]
  const log = `${logFolder(plan)}/${kind === 'work' ? 'work-%A_%a.log' : 'finish-%j.log'}`
  const directives = {
    'job-name': `facedata-${plan.stage}-${kind}`,
    output: log,
    partition,
    time,
    mem: memory,
    'cpus-per-task': cpus,
    account,
  }
  const words =
    kind === 'work'
      ? [...program, 'work', plan.path, '--per-task', String(perTask)]
      : [...program, 'finish', plan.path, '--resubmit']
  return [
    '#!/bin/sh',
    ...Object.entries(directives).flatMap(([name, value]) =>
      value === undefined ? [] : [`#SBATCH --${name}=${directiveValue(String(value))}`],
    ),
    `cd ${shellWord(dirname(plan.path))} || exit 1`,
    `exec ${words.map(shellWord).join(' ')}`,
    '',
  ].join('\n')
}

/** sbatch reads a directive up to the first blank, or between double quotes. */
function directiveValue(value: string): string {
  return /\s/.test(value) ? `"${value.replaceAll('"', '\\"')}"` : value
}
