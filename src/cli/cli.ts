#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { ExitCode, FacedataError } from '../errors/index.js'
import { loadStage, stageNames } from '../stages/registry.js'

/** Each command is loaded when it is called, so that `facedata inspect` does not wait for the training engine. */
const commands: Record<string, () => Promise<Command>> = {
  ...Object.fromEntries(stageNames.map((name) => [name, () => loadStageCommand(name)])),
  run: async () => (await import('./run-command.js')).runCommand(),
  inspect: async () => (await import('./inspect-command.js')).inspectCommand(),
  verify: async () => (await import('./verify-command.js')).verifyCommand(),
  diff: async () => (await import('./diff-command.js')).diffCommand(),
  overlap: async () => (await import('./overlap-command.js')).overlapCommand(),
  browse: async () => (await import('./browse-command.js')).browseCommand(),
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

async function buildProgram(name: string | undefined): Promise<Command> {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  const program = new Command('facedata')
    .description('Face-recognition training data, from photos to a verified ONNX model.')
    .version(version)
    .configureHelp({ helpWidth: process.stdout.columns ?? 100 })
    .showHelpAfterError('(--help shows what there is)')
  const wanted = name !== undefined && name in commands ? [name] : Object.keys(commands)
  for (const command of wanted) program.addCommand(await commands[command]!())
  // Errors of usage come as exceptions, from the commands under it too: their exit code is ours to choose.
  for (const command of withAllBelow(program)) command.exitOverride()
  return program
}

function withAllBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)]
}

async function main(words: string[]): Promise<ExitCode> {
  try {
    await (await buildProgram(words[0])).parseAsync(words, { from: 'user' })
    return ExitCode.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    if (error instanceof FacedataError) {
      process.stderr.write(`facedata: ${error.message}\n`)
      return error.exitCode
    }
    process.stderr.write(`facedata: unexpected error, please report it: ${(error as Error).stack ?? error}\n`)
    return ExitCode.failed
  }
}

// A reader that has seen enough, such as `head`, closes the pipe: there is nobody left to tell.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(ExitCode.failed)
})
process.exitCode = await main(process.argv.slice(2))
