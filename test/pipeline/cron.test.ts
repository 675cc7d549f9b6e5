import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { aligned } from '../stages/pack/packing.js'

const CRON = '/usr/sbin/cron'
const SPOOL = '/var/spool/cron/crontabs'

/** Cron's own folders are fixed: the test gives it others of the same name, in a mount namespace of its own. */
function whyNot(): string | undefined {
  if (!existsSync(CRON)) return 'cron is not installed'
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', SPOOL], { stdio: 'ignore' })
  } catch {
    return 'this process may not mount'
  }
  return undefined
}

const reason = whyNot()
const folder = mkdtempSync(join(tmpdir(), 'facedata-cron-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const runs = at('datasets/.pipelines/runs/nightly')

interface Written {
  exitCode: number
  steps: { step: string; outcome: string; reasons: string[] }[]
}

function summaries(): Written[] {
  if (!existsSync(runs)) return []
  return readdirSync(runs)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(runs, name), 'utf8')))
}

const outcomes = ({ steps }: Written) => steps.map(({ step, outcome }) => `${step}: ${outcome}`)

describe.skipIf(reason !== undefined)(
  `a pipeline under cron${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    it('is built when cron starts, and a minute later only what depends on a changed photo', async () => {
      for (const [name, quality] of Object.entries({ 'a/ann/1': 90, 'a/bob/1': 91, 'b/eve/1': 92 })) {
        mkdirSync(join(at(name), '..'), { recursive: true })
        writeFileSync(`${at(name)}.jpg`, await aligned(quality))
      }
      writeFileSync(
        at('nightly.yaml'),
        [
          'steps:',
          '  - pack: { inputs: ["${PHOTOS}/a"], output: a, size: 16 }',
          '  - pack: { inputs: ["${PHOTOS}/b"], output: b, size: 16 }',
          '  - merge: { inputs: [a, b], output: ab }',
          '  - shuffle: { dataset: b, output: b-shuffled }',
        ].join('\n'),
      )
      const cli = resolve(import.meta.dirname, '../../dist/cli/cli.js')
      const command = `cd ${folder} && ${process.execPath} ${cli} run nightly.yaml --jobs 1 --quiet >> said.txt 2>&1`
      mkdirSync(at('spool'))
      const crontab = [`PHOTOS=${folder}`, `@reboot ${command}`, `* * * * * ${command}`, ''].join('\n')
      writeFileSync(join(at('spool'), userInfo().username), crontab, { mode: 0o600 })
      const script = [
        `chown 0:0 ${at('spool')}/* && mount --bind ${at('spool')} ${SPOOL}`,
        // No jobs of the system, and no other cron in the way.
        'mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /etc/cron.d && mount --bind /dev/null /etc/crontab',
        `exec ${CRON} -f`,
      ].join(' && ')
      const cron = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: 'ignore' })
      try {
        await expect.poll(() => summaries().length, { timeout: 60_000, interval: 200 }).toBe(1)
        writeFileSync(at('a/ann/1.jpg'), await aligned(80))
        await expect.poll(() => summaries().length, { timeout: 130_000, interval: 200 }).toBeGreaterThan(1)
      } finally {
        cron.kill()
        await new Promise((done) => cron.on('close', done))
      }
      const [first, second] = summaries()
      expect(outcomes(first!)).toEqual(['a: done', 'b: done', 'ab: done', 'b-shuffled: done'])
      expect(outcomes(second!)).toEqual(['a: done', 'b: fresh', 'ab: done', 'b-shuffled: fresh'])
      expect(second!.steps[0]!.reasons).toEqual(['inputs changed: ${PHOTOS}/a'])
      expect(readFileSync(at('said.txt'), 'utf8')).toBe('')
    }, 240_000)
  },
)
