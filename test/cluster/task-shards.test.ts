import { describe, expect, it } from 'vitest'
import { shardsOfTask } from '../../src/cluster/task-shards.js'
import { rangesOf } from '../../src/cluster/unfinished-shards.js'
import { UsageError } from '../../src/errors/index.js'

const none = { perTask: 1, environment: {} }

describe('the shards of a task', () => {
  it.each([
    ['3', [3]],
    ['0-2', [0, 1, 2]],
    ['7,0-1,1', [0, 1, 7]],
  ])('--shard %s', (shard, expected) => {
    expect(shardsOfTask({ ...none, shard }, 8)).toEqual(expected)
  })

  it.each(['8', '-1', '3-1', 'x', '', '1,', '0-99999999999'])('refuses --shard %s', (shard) => {
    expect(() => shardsOfTask({ ...none, shard }, 8)).toThrow(UsageError)
  })

  it("come from Slurm's variable, then from Kubernetes'", () => {
    expect(shardsOfTask({ perTask: 1, environment: { SLURM_ARRAY_TASK_ID: '5' } }, 8)).toEqual([5])
    expect(shardsOfTask({ perTask: 1, environment: { JOB_COMPLETION_INDEX: '0' } }, 8)).toEqual([0])
    const both = { SLURM_ARRAY_TASK_ID: '', JOB_COMPLETION_INDEX: '2' }
    expect(shardsOfTask({ perTask: 1, environment: both }, 8)).toEqual([2])
    expect(shardsOfTask({ perTask: 1, shard: '1', environment: both }, 8)).toEqual([1])
  })

  it('are several where a task has several, and the last one has the rest', () => {
    const task = (id: string) => shardsOfTask({ perTask: 3, environment: { SLURM_ARRAY_TASK_ID: id } }, 8)
    expect([task('0'), task('1'), task('2')]).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7],
    ])
    expect(() => task('3')).toThrow('the tasks of this plan are 0 to 2')
  })

  it('are asked for by name where nothing tells', () => {
    expect(() => shardsOfTask(none, 8)).toThrow(
      'which shard? Give --shard 0 to 7, or run as a task of an array job: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set',
    )
    expect(() => shardsOfTask({ perTask: 1, environment: { SLURM_ARRAY_TASK_ID: 'x' } }, 8)).toThrow('x')
  })
})

it('numbers are shortened to ranges', () => {
  expect(rangesOf([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8')
  expect(rangesOf([])).toBe('')
})
