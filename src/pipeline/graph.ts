import { existsSync } from 'node:fs'
import { sep } from 'node:path'
import { InputError, UsageError } from '../errors/index.js'
import { type Input, outputPaths } from '../stages/stage.js'
import type { Step } from './step.js'

/**
 * Puts steps in an order in which everything is written before it is read; steps that do not depend on each other keep
 * the order of the file. `path` names the pipeline in errors.
 * @throws UsageError for two steps with one output, one inside of the other, and for cycles; InputError for an input that
 * nothing makes
 */
export function orderSteps(path: string, steps: Step[]): Step[] {
  refuseSameOutput(path, steps)
  refuseOutputInFolder(path, steps)
  refuseMissingInputs(path, steps)
  const ordered: Step[] = []
  const waiting = [...steps]
  while (waiting.length > 0) {
    const next = waiting.findIndex((step) => !waiting.some((other) => dependsOn(step, other)))
    if (next === -1) throw cycleError(path, waiting)
    ordered.push(...waiting.splice(next, 1))
  }
  return ordered
}

/** The step of that name and all that it needs, in order. @throws UsageError */
export function stepsUntil(path: string, ordered: Step[], name: string): Step[] {
  const matches = ordered.filter((step) => step.name === name)
  if (matches.length !== 1) {
    const names = ordered.map((step) => step.name).join(', ')
    const problem = matches.length === 0 ? `there is no step "${name}"` : `several steps are named "${name}"`
    throw new UsageError(`${path}: ${problem}. Steps: ${names}`)
  }
  const needed = new Set(matches)
  for (const step of [...ordered].reverse()) {
    if ([...needed].some((other) => dependsOn(other, step))) needed.add(step)
  }
  return ordered.filter((step) => needed.has(step))
}

/** The steps among `steps` whose outputs `step` reads or writes into. */
export function neededBy(step: Step, steps: readonly Step[]): Step[] {
  return steps.filter((other) => other !== step && dependsOn(step, other))
}

/** Does `step` read what `other` writes, or a folder that it is in, or write into it? */
function dependsOn(step: Step, other: Step): boolean {
  if (step === other) return readsOwnOutput(step)
  return (
    outputPaths(step.output).some((path) => makes(other, path)) ||
    step.inputs.some((input) => comesFrom(other, input))
  )
}

/** A folder is read with all that is below it: photos that the step writes there are a part of it. */
function comesFrom(step: Step, { kind, path }: Input): boolean {
  const { output } = step
  return makes(step, path) || (kind === 'folder' && replacesFolder(step) && isWithin(output.path, path))
}

function replacesFolder({ output }: Step): boolean {
  return output.kind === 'folder' && !output.temporary
}

function readsOwnOutput(step: Step): boolean {
  return step.inputs.some(({ path }) => outputPaths(step.output).includes(path))
}

/** Is `path` the step's output or inside of it? A run holds its model, a dataset its bins. */
function makes({ output }: Step, path: string): boolean {
  return outputPaths(output).some((made) => path === made || isWithin(path, made))
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

function refuseSameOutput(path: string, steps: Step[]): void {
  const writers = new Map<string, Step>()
  for (const step of steps) {
    for (const output of outputPaths(step.output)) {
      const first = writers.get(output)
      if (first !== undefined) {
        throw new UsageError(
          `${path}: line ${step.line}: ${step.stage.name} writes ${output}, which the step in line ${first.line} writes too`,
        )
      }
      writers.set(output, step)
    }
  }
}

/** A dataset keeps the bins in it and a run what is exported into it; a folder is replaced with all in it. */
function refuseOutputInFolder(path: string, steps: Step[]): void {
  const folders = steps.filter(replacesFolder)
  for (const step of steps) {
    for (const made of outputPaths(step.output)) {
      const around = folders.find(({ output }) => isWithin(made, output.path))
      if (around === undefined) continue
      throw new UsageError(
        `${path}: line ${step.line}: ${step.stage.name} writes ${made}, inside of ${around.output.path}, which the step in line ${around.line} replaces as a whole. Write it elsewhere`,
      )
    }
  }
}

function refuseMissingInputs(path: string, steps: Step[]): void {
  for (const step of steps) {
    const missing = step.inputs.find(
      (input) => !steps.some((other) => comesFrom(other, input)) && !existsSync(input.path),
    )
    if (missing !== undefined) throw missingInputError(path, step, missing)
  }
}

function missingInputError(path: string, step: Step, input: Input): InputError {
  return new InputError({
    file: path,
    line: step.line,
    problem: `${step.stage.name} reads the ${input.kind} ${input.path}, which does not exist and no step writes`,
    fix: 'Correct its name, or add the step that makes it.',
  })
}

/** Follows the dependencies of one step that can never start until a step comes again. */
function cycleError(path: string, waiting: Step[]): UsageError {
  const trail: Step[] = []
  let step = waiting[0]!
  while (!trail.includes(step)) {
    trail.push(step)
    const blocked = step
    step = waiting.find((other) => dependsOn(blocked, other))!
  }
  const cycle = [...trail.slice(trail.indexOf(step)), step]
  const names = cycle.map(({ name, line }) => `${name} (line ${line})`).join(' needs ')
  return new UsageError(`${path}: steps wait for each other: ${names}`)
}
