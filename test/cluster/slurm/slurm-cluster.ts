import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Tasks of one array job. */
export const MAX_ARRAY_SIZE = 9

const DAEMONS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol', 'scancel']

/** Why there is no Slurm to test with here; undefined where there is one. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return "Slurm's daemons are started as root"
  const missing = DAEMONS.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} not installed: test/cluster/slurm/install.sh`
}

/** A real Slurm of one node, in a folder of its own, beside any other on this machine. */
export class SlurmCluster {
  readonly folder: string
  readonly #daemons: ChildProcess[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Sets `SLURM_CONF` of this process, which its children inherit. */
  static async start(): Promise<SlurmCluster> {
    const cluster = new SlurmCluster(mkdtempSync(join(tmpdir(), 'facedata-slurm-')))
    try {
      await cluster.#start()
      return cluster
    } catch (error) {
      const logs = ['munged', 'slurmctld', 'slurmd'].map((name) => cluster.#logOf(name))
      await cluster.stop()
      throw new Error(`Slurm did not start: ${(error as Error).message}\n${logs.join('\n')}`)
    }
  }

  async stop(): Promise<void> {
    await run('scancel', ['--user=root']).catch(() => {})
    for (const daemon of this.#daemons.toReversed()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue
      const ended = new Promise((done) => daemon.once('exit', done))
      daemon.kill('SIGTERM')
      await Promise.race([ended, setTimeout(5000)])
      daemon.kill('SIGKILL')
    }
    delete process.env['SLURM_CONF']
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #start(): Promise<void> {
    const at = (name: string) => join(this.folder, name)
    // munged refuses a socket that others could not reach.
    chmodSync(this.folder, 0o755)
    for (const name of ['state', 'spool', 'munge']) mkdirSync(at(name), { mode: 0o755 })
    writeFileSync(at('munge/key'), Buffer.alloc(128, 'facedata'), { mode: 0o600 })
    this.#daemon('munged', [
      '--foreground',
      '--force',
      `--key-file=${at('munge/key')}`,
      `--socket=${at('munge/socket')}`,
      `--pid-file=${at('munge/pid')}`,
      `--log-file=${at('munge/log')}`,
      `--seed-file=${at('munge/seed')}`,
    ])
    const [control, node] = [await freePort(), await freePort()]
    writeFileSync(at('slurm.conf'), configuration(this.folder, control, node))
    writeFileSync(at('cgroup.conf'), `CgroupPlugin=${await cgroupPlugin()}\n`)
    process.env['SLURM_CONF'] = at('slurm.conf')
    await until(() => existsSync(at('munge/socket')), 'munged made its socket')
    this.#daemon('slurmctld', ['-D', '-f', at('slurm.conf')])
    this.#daemon('slurmd', ['-D', '-f', at('slurm.conf')])
    await until(async () => {
      const { stdout } = await run('sinfo', ['--noheader', '--format=%T']).catch(() => ({ stdout: '' }))
      return stdout.includes('idle')
    }, 'the node is idle')
  }

  #daemon(name: string, words: string[]): void {
    const log = join(this.folder, `${name}.out`)
    const daemon = spawn('sh', ['-c', `exec ${name} "$@" >${log} 2>&1`, name, ...words], { stdio: 'ignore' })
    daemon.on('error', () => {})
    this.#daemons.push(daemon)
  }

  #logOf(name: string): string {
    const log = join(this.folder, `${name}.out`)
    return `${name}: ${existsSync(log) ? readFileSync(log, 'utf8').slice(-1500) : 'no log'}`
  }
}

/** None, as containers may have no cgroups to write to; versions before 23.11 do without one where none is used. */
async function cgroupPlugin(): Promise<string> {
  const { stdout } = await run('slurmd', ['-V'])
  const [, year, month] = /(\d+)\.(\d+)/.exec(stdout) ?? []
  return Number(year) * 100 + Number(month) >= 2311 ? 'disabled' : 'cgroup/v1'
}

function configuration(folder: string, control: number, node: number): string {
  const host = hostname().split('.')[0]!
  const settings = {
    ClusterName: 'facedata',
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: control,
    SlurmdPort: node,
    SlurmUser: 'root',
    AuthType: 'auth/munge',
    AuthInfo: `socket=${folder}/munge/socket`,
    CredType: 'cred/munge',
    StateSaveLocation: `${folder}/state`,
    SlurmdSpoolDir: `${folder}/spool`,
    SlurmctldPidFile: `${folder}/slurmctld.pid`,
    SlurmdPidFile: `${folder}/slurmd.pid`,
    ProctrackType: 'proctrack/linuxproc',
    TaskPlugin: 'task/none',
    SelectType: 'select/cons_tres',
    SelectTypeParameters: 'CR_CPU',
    JobAcctGatherType: 'jobacct_gather/none',
    AccountingStorageType: 'accounting_storage/none',
    SwitchType: 'switch/none',
    MpiDefault: 'none',
    ReturnToService: 2,
    KillWait: 2,
    MaxArraySize: MAX_ARRAY_SIZE,
    SchedulerParameters:
      'sched_min_interval=0,batch_sched_delay=0,sched_interval=1,bf_interval=1,defer_batch',
    SlurmdParameters: 'config_overrides',
    NodeName: `${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
    PartitionName: 'test Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (await holds()) return
    await setTimeout(200)
  }
  throw new Error(`not reached: ${what}`)
}
