import { InputError, OutputError } from '../errors/index.js'

const OUTPUT_REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full. Free space and run the same command again',
  EDQUOT: 'the disk quota is used up. Free space and run the same command again',
  EFBIG:
    'the file is larger than this file system or the process limit allows. Choose another output or raise the limit (ulimit -f)',
  EACCES: 'permission denied. Choose another output or change its permissions',
  EPERM: 'operation not permitted. Choose another output or change its permissions',
  EROFS: 'the file system is read-only. Choose another output',
  ENOENT: 'a folder on the way to it does not exist',
  ENOTDIR: 'something on the way to it is a file, not a folder',
  EEXIST: 'a file stands where a folder is needed',
  EISDIR: 'a folder stands where a file is to be written',
  ENAMETOOLONG: 'its name is longer than this file system allows. Choose another output',
}

const INPUT_REASONS: Record<string, string> = {
  ELOOP: 'a link on the way to it leads in a circle',
  ENAMETOOLONG: 'its name is longer than this file system allows',
  EIO: 'the disk reports an error',
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'is a folder where a file was expected',
  ENOTDIR: 'is a file where a folder was expected',
}

/** Names the file and the reason in place of a bare errno. */
export function outputErrorFrom(error: unknown, path: string): OutputError {
  if (error instanceof OutputError) return error
  return new OutputError(`cannot write ${path}: ${reasonOf(error, OUTPUT_REASONS)}`, undefined, {
    cause: error,
  })
}

export function inputErrorFrom(error: unknown, path: string): InputError {
  if (error instanceof InputError) return error
  return new InputError(
    { file: path, problem: `cannot be read: ${inputReason(error, path)}` },
    { cause: error },
  )
}

/** What was listed under a name that is no UTF-8 is not found again under what became of it. */
function inputReason(error: unknown, path: string): string {
  const isMisnamed = path.includes('\uFFFD') && (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
  return isMisnamed ? 'its name is not UTF-8. Rename it' : reasonOf(error, INPUT_REASONS)
}

function reasonOf(error: unknown, reasons: Record<string, string>): string {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return (code !== undefined && reasons[code]) || (error instanceof Error ? error.message : String(error))
}
