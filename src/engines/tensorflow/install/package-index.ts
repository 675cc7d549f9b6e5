import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../../errors/index.js'

const PUBLIC_INDEX = 'https://pypi.org/simple'

/** A Python package index, by the simple repository API (PEP 503, PEP 691). */
export interface PackageIndex {
  /** Ends without a slash, and holds no password. */
  url: string
  /** For requests to the host of the index alone. */
  headers: Record<string, string>
}

/**
 * The index that pip would use: `wanted`, else PIP_INDEX_URL, else `index-url` of pip's files, else the public one.
 * A user name and password in the address are sent as Basic authentication.
 * @throws UsageError for what is no http address
 */
export function packageIndex(wanted?: string, environment: NodeJS.ProcessEnv = process.env): PackageIndex {
  const text = wanted ?? environment.PIP_INDEX_URL ?? indexOfPipFiles(environment) ?? PUBLIC_INDEX
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `the Python package index must be an http or https address such as ${PUBLIC_INDEX}, not ${text}`,
    )
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {
    url: url.href.replace(/\/+$/, ''),
    headers: username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  }
}

/** The last of pip's configuration files that names an index wins: pip's order from the machine's to the user's. */
function indexOfPipFiles(environment: NodeJS.ProcessEnv): string | undefined {
  const home = homedir()
  const files = [
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
    join(home, '.pip', 'pip.conf'),
    join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip', 'pip.conf'),
    ...(environment.VIRTUAL_ENV === undefined ? [] : [join(environment.VIRTUAL_ENV, 'pip.conf')]),
    ...(environment.PIP_CONFIG_FILE === undefined ? [] : [environment.PIP_CONFIG_FILE]),
  ]
  return files
    .filter((file) => existsSync(file))
    .map((file) => indexUrlOf(readFileSync(file, 'utf8')))
    .findLast((url) => url !== undefined)
}

/** `index-url` of the section `[global]`, or of `[download]`, which is for what is done here. */
function indexUrlOf(text: string): string | undefined {
  const found = new Map<string, string>()
  let section = ''
  for (const line of text.split(/\r?\n/)) {
    section = /^\[(.+)\]/.exec(line)?.[1] ?? section
    const value = /^index[-_]url\s*[=:]\s*(\S+)/.exec(line)?.[1]
    if (value !== undefined) found.set(section, value)
  }
  return found.get('download') ?? found.get('global')
}
