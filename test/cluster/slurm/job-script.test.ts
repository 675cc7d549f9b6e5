import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { ClusterPlan } from '../../../src/cluster/plan-file.js'
import { jobScript } from '../../../src/cluster/slurm/job-script.js'
import { shellWord } from '../../../src/terminal/index.js'

const plan = { path: "/shared/it's here/plan.json", stage: 'pack' } as ClusterPlan
const settings = { sbatchOptions: [], retries: 2, work: {}, finish: {} }
const program = ['/usr/bin/node', '/opt/facedata/cli.js']

describe('job scripts', () => {
  it('name job, log and what else was asked for, and run one command', () => {
    const limits = { time: '2:00:00', memory: '4G', cpus: 2 }
    const all = { ...settings, partition: 'long', work: limits, account: 'faces' }
    expect(jobScript({ kind: 'work', plan, settings: all, program, perTask: 3 })).toBe(
      [
        '#!/bin/sh',
        '#SBATCH --job-name=facedata-pack-work',
        `#SBATCH --output="/shared/it's here/plan.jobs/logs/work-%A_%a.log"`,
        '#SBATCH --partition=long',
        '#SBATCH --time=2:00:00',
        '#SBATCH --mem=4G',
        '#SBATCH --cpus-per-task=2',
        '#SBATCH --account=faces',
        `cd '/shared/it'\\''s here' || exit 1`,
        `exec /usr/bin/node /opt/facedata/cli.js work '/shared/it'\\''s here/plan.json' --per-task 3`,
        '',
      ].join('\n'),
    )
    const joins = jobScript({ kind: 'finish', plan, settings: all, program, perTask: 3 })
    expect(joins).toContain('#SBATCH --partition=long')
    expect(joins).not.toMatch(/--(time|mem|cpus)/)
    const own = { ...all, finish: { time: '1-0', memory: '64G', cpus: 8 } }
    const joinsLong = jobScript({ kind: 'finish', plan, settings: own, program, perTask: 3 })
    expect(joinsLong).toMatch(/--time=1-0\n#SBATCH --mem=64G\n#SBATCH --cpus-per-task=8\n/)
    const finish = jobScript({ kind: 'finish', plan, settings, program, perTask: 1 })
    expect(finish).toContain('finish-%j.log')
    expect(finish).toMatch(/ finish .*plan.json' --resubmit\n$/)
  })

  it.each(['plain', '', 'two words', "it's", '$HOME `id` "x"', 'a\nb', '*'])(
    'quote %j for the shell',
    (word) => {
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`]).toString()).toBe(word)
    },
  )
})
