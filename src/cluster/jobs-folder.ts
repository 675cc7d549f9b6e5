import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../errors/index.js'
import { makeDirectory, removeTree, writeFileAtomically } from '../io/index.js'

/** Says that the folder was made for the jobs of a plan. */
const MARKER = 'facedata-jobs.json'

const markerSchema = z.object({ plan: z.string() })

/** All that is ever put into the folder, by paths in it. */
const OWN_FILES = [
  /^(facedata-jobs|submission|outcome)\.json$/,
  /^(work|finish)\.sh$/,
  /^logs\/(work-\d+_\d+|finish-\d+)\.log$/,
  /^kubernetes\/(work|finish)\.yaml$/,
]
const OWN_FOLDERS = ['logs', 'kubernetes']

/** Of writing atomically, where that was killed. */
const TEMPORARY = /(^|\/)\.([^/]+)\.[0-9a-f]{8}\.tmp$/

/** Files named in one message. */
const SHOWN = 3

/** Job scripts, logs and how it ended, beside `plan.json`: it stays. */
export function jobsFolder(planPath: string): string {
  return `${planPath.replace(/\.json$/, '')}.jobs`
}

/** Makes the folder for the jobs of a plan. @throws UsageError where a folder or file of that name is none of ours */
export async function makeJobsFolder(plan: { path: string; id: string }): Promise<void> {
  await refuseForeignJobs(plan.path)
  await makeDirectory(jobsFolder(plan.path))
  await writeFileAtomically(
    join(jobsFolder(plan.path), MARKER),
    `${JSON.stringify({ plan: plan.id }, null, 2)}\n`,
  )
}

/**
 * Removes what the jobs of an earlier plan of this name left. @throws UsageError where the folder was not made for jobs, or
 * holds anything else: then nothing is removed
 */
export async function removeJobs(planPath: string): Promise<void> {
  await refuseForeignJobs(planPath)
  await removeTree(jobsFolder(planPath))
}

/** @throws UsageError where the jobs folder of a plan exists and is not all ours */
export async function refuseForeignJobs(planPath: string): Promise<void> {
  const folder = jobsFolder(planPath)
  const found = await lstat(folder).catch(() => undefined)
  if (found === undefined) return
  const advice = 'Choose another name for the plan (-o), or move it away'
  if (!found.isDirectory()) {
    throw new UsageError(`${folder} stands where the jobs of the plan have their folder. ${advice}`)
  }
  const names = await entriesBelow(folder)
  if (names.length === 0) return
  if (!(await isMarked(folder))) {
    throw new UsageError(
      `${folder}, where scripts and logs of the plan's jobs go, was not made by facedata (it has no ${MARKER}), and is left as it is. ${advice}`,
    )
  }
  const foreign = names.filter((name) => !isOwnFile(name))
  if (foreign.length === 0) return
  const shown = foreign.slice(0, SHOWN)
  const more = foreign.length > SHOWN ? ` and ${foreign.length - SHOWN} more` : ''
  throw new UsageError(
    `${folder} also holds what facedata did not put there: ${shown.join(', ')}${more}. It is left as it is. ${advice}`,
  )
}

/** Files in it and in its own folders, and whatever else it holds. */
async function entriesBelow(folder: string, inside = ''): Promise<string[]> {
  const names: string[] = []
  for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
    const name = join(inside, entry.name)
    if (entry.isDirectory() && OWN_FOLDERS.includes(name)) names.push(...(await entriesBelow(folder, name)))
    else names.push(entry.isDirectory() ? `${name}/` : name)
  }
  return names
}

async function isMarked(folder: string): Promise<boolean> {
  try {
    return markerSchema.safeParse(JSON.parse(await readFile(join(folder, MARKER), 'utf8'))).success
  } catch {
    return false
  }
}

function isOwnFile(name: string): boolean {
  const final = name.replace(TEMPORARY, '$1$2')
  return OWN_FILES.some((pattern) => pattern.test(final))
}
