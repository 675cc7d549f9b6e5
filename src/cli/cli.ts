#!/usr/bin/env node
import '../engines/onnxruntime/telemetry.js'
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { ExitCode, FacedataError, UsageError } from '../errors/index.js'
import { commands } from './commands.js'
import { refuseMissingValues } from './missing-values.js'
import { printFailure } from './print-result.js'
import { standardError } from './standard-error.js'
import { standardOutput } from './standard-output.js'

async function buildProgram(name: string | undefined): Promise<Command> {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  const program = new Command('facedata')
    .description('Face-recognition training data, from photos to a verified ONNX model.')
    .version(version)
    .configureHelp({ helpWidth: process.stdout.columns ?? 100 })
    .showHelpAfterError('(--help shows what there is)')
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands)
  for (const command of wanted) program.addCommand(await commands[command]!())
  for (const command of withAllBelow(program)) {
    // Errors of usage come as exceptions: their exit code and their words are ours to choose.
    command.exitOverride().configureOutput({
      outputError: (message, write) => write(message.replace(/^error: /, 'facedata: ')),
    })
    refuseMissingValues(command)
  }
  return program
}

function withAllBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)]
}

async function main(words: string[]): Promise<ExitCode> {
  try {
    await (await buildProgram(words[0])).parseAsync(words, { from: 'user' })
    standardOutput.flush()
    return ExitCode.done
  } catch (error) {
    standardError.finish()
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done
    const exitCode = tell(error as Error)
    if (words.includes('--json')) printFailure(inOwnWords(error as Error), exitCode)
    return exitCode
  }
}

/** Says why the program ends, where commander has not said it yet. */
function tell(error: Error): ExitCode {
  if (error instanceof CommanderError) return ExitCode.usage
  const { exitCode } = error instanceof FacedataError ? error : { exitCode: undefined }
  standardError.error(
    exitCode === undefined ? `unexpected error, please report it: ${error.stack ?? error}` : error.message,
  )
  return exitCode ?? ExitCode.failed
}

function inOwnWords(error: Error): Error {
  if (!(error instanceof CommanderError)) return error
  return new UsageError(error.message.replace(/^error: /, ''))
}

// A reader that has seen enough, such as `head`, closes the pipe: there is nobody left to tell.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(ExitCode.failed)
})
process.exitCode = await main(process.argv.slice(2))
