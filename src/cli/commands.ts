import type { Command } from 'commander'
import { loadStage, stageNames } from '../stages/registry.js'

/** Each command is loaded when it is called, so that `facedata inspect` does not wait for the training engine. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  ...Object.fromEntries(stageNames.map((name) => [name, () => loadStageCommand(name)])),
  browse: async () => (await import('./browse-command.js')).browseCommand(),
  run: async () => (await import('./run-command.js')).runCommand(),
  plan: async () => (await import('./plan-command.js')).planCommand(process.argv[3]),
  work: async () => (await import('./work-command.js')).workCommand(),
  finish: async () => (await import('./finish-command.js')).finishCommand(),
  submit: async () => (await import('./submit-command.js')).submitCommand(),
  inspect: async () => (await import('./inspect-command.js')).inspectCommand(),
  verify: async () => (await import('./verify-command.js')).verifyCommand(),
  diff: async () => (await import('./diff-command.js')).diffCommand(),
  overlap: async () => (await import('./overlap-command.js')).overlapCommand(),
  adopt: async () => (await import('./adopt-command.js')).adoptCommand(),
  reindex: async () => (await import('./reindex-command.js')).reindexCommand(),
  handoff: async () => (await import('./handoff-command.js')).handoffCommand(),
  doctor: async () => (await import('./doctor-command.js')).doctorCommand(),
  engine: async () => (await import('./engine-command.js')).engineCommand(),
}

async function loadStageCommand(name: string): Promise<Command> {
  const { stageCommand } = await import('./stage-command.js')
  return stageCommand(await loadStage(name))
}
