/** The longest path that file systems take. */
const MAXIMUM_PATH_BYTES = 4096
/** What is shown of a longer one. */
const SHOWN_CHARACTERS = 200

export interface EntryPath {
  /** Normal (`a/b.jpg`), or of a misnamed entry its name in a printable form. */
  path: string
  /** Why the name is no path below a folder. */
  problem?: string
}

/**
 * Brings the name of an entry into the form `a/b.jpg`, or says why it cannot be a path below a folder. No entry is ever
 * written or opened by its name; the check keeps such names out of the lists that others may unpack by.
 */
export function entryPath(name: string): EntryPath {
  const problem = problemOf(name)
  if (problem !== undefined) return { path: printable(name), problem }
  const path = name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  return path === '' ? { path: printable(name), problem: 'it has no name' } : { path }
}

function problemOf(name: string): string | undefined {
  if (/\p{Cc}/u.test(name)) return 'its name holds control characters'
  if (name.includes('\ufffd')) return 'its name is not valid UTF-8'
  if (Buffer.byteLength(name, 'utf8') > MAXIMUM_PATH_BYTES) {
    return `its name is longer than ${MAXIMUM_PATH_BYTES} bytes`
  }
  if (/^([/\\]|[a-zA-Z]:)/.test(name)) return 'its name is an absolute path'
  // Windows takes both for separators.
  if (name.split(/[/\\]/).includes('..')) return 'its name leads out of the archive'
  return undefined
}

function printable(name: string): string {
  const shown = name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}...` : name
  return shown.replace(/\p{Cc}/gu, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
