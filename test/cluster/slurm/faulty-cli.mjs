// facedata as jobs of a test run it: some tasks are killed or cannot read their shard, as often as FACEDATA_FAULTS says.
// {"folder": "...", "kill": {"3": 1}, "fail": {"5": 2}}: by task, how many times.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const cli = join(import.meta.dirname, '../../../dist/cli/cli.js')
const { folder, kill = {}, fail = {}, shards } = JSON.parse(process.env.FACEDATA_FAULTS ?? '{}')
const task = process.env.SLURM_ARRAY_TASK_ID
const [, , command] = process.argv

/** Whether it is time for a fault: counted by files, which many processes can make. */
function due(kind, times = 0) {
  for (let i = 0; i < times; i++) {
    const mark = join(folder, `${kind}-${task}-${i}`)
    if (existsSync(mark)) continue
    writeFileSync(mark, '')
    return true
  }
  return false
}

if (command === 'work' && due('kill', kill[task])) process.kill(process.pid, 'SIGKILL')
if (command === 'work' && due('fail', fail[task])) {
  const shard = join(shards, `shard-${task}.json`)
  renameSync(shard, `${shard}.aside`)
  const { status } = spawnSync(process.execPath, [cli, ...process.argv.slice(2)], { stdio: 'inherit' })
  renameSync(`${shard}.aside`, shard)
  process.exit(status)
}
await import(cli)
