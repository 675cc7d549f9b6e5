import { datasetsFolder } from '../dataset/index.js'
import { checkAdapters } from './adapter-check.js'
import type { Check } from './check.js'
import { checkJpegTurbo, checkLowering, checkRuntime, checkSharp } from './library-checks.js'
import { checkDisk, checkMemory, checkNode, checkProcessor } from './machine-checks.js'
import { checkTensorFlow } from './tensorflow-check.js'

export interface Diagnosis {
  checks: Check[]
  /** False where a check failed. Warnings do not count. */
  healthy: boolean
}

/** Looks whether facedata can work on this machine. Changes nothing, and never throws for what it finds. */
export async function doctor(options: { datasets?: string } = {}): Promise<Diagnosis> {
  const checks = [
    checkNode(process.versions.node),
    checkProcessor(),
    checkMemory(),
    await checkDisk(datasetsFolder(options.datasets)),
    await checkSharp(),
    await checkJpegTurbo(),
    await checkRuntime(),
    await checkLowering(),
    ...(await checkAdapters()),
    await checkTensorFlow(),
  ]
  return { checks, healthy: checks.every(({ status }) => status !== 'fail') }
}

/** A line for each check, with the fix below where something is wrong, and the sum of it. */
export function describeDiagnosis({ checks }: Diagnosis): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(({ name, status, found, fix }) => [
    `${status.padEnd(4)}  ${name.padEnd(width)}  ${found}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 8)}${fix}`]),
  ])
  const count = (wanted: string) => checks.filter(({ status }) => status === wanted).length
  return [...lines, `${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failed`]
}
