import { FacedataError } from '../../../errors/index.js'
import type { PackageIndex } from './package-index.js'

/** A file of a Python package, as an index lists it. */
export interface ListedWheel {
  fileName: string
  url: string
  /** Lower-case hex. */
  sha256: string | undefined
  bytes: number | undefined
}

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json'

interface JsonListing {
  files: {
    filename: string
    url: string
    hashes: { sha256?: string }
    size?: number
    yanked?: boolean | string
  }[]
}

/**
 * Every wheel of a package that was not withdrawn, in JSON (PEP 691) or, from older mirrors, HTML (PEP 503).
 * @throws FacedataError where the index does not answer, with its address and the way around it
 */
export async function listWheels(
  index: PackageIndex,
  packageName: string,
  signal?: AbortSignal,
): Promise<ListedWheel[]> {
  const address = `${index.url}/${packageName}/`
  const response = await request(address, {
    headers: { ...index.headers, accept: `${JSON_TYPE}, text/html;q=0.5` },
    signal: signal ?? null,
  })
  if (!response.ok) {
    throw new FacedataError(
      `${address} answers ${response.status}: the index has no ${packageName} for us. ` +
        'Name another with --index or PIP_INDEX_URL.',
    )
  }
  const text = await response.text()
  const listed = response.headers.get('content-type')?.startsWith(JSON_TYPE)
    ? wheelsOfJson(text)
    : wheelsOfHtml(text)
  return listed
    .filter(({ fileName }) => fileName.endsWith('.whl'))
    .map((wheel) => ({ ...wheel, url: new URL(wheel.url, response.url || address).href }))
}

/** `fetch` whose failures name the address and the reason. @throws FacedataError */
export async function request(address: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(address, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    throw new FacedataError(
      `cannot reach ${new URL(address).host}: ${networkReason(error)}. ${proxyAdvice()}` +
        'Name an index that can be reached with --index or PIP_INDEX_URL; ' +
        "Node.js takes a company's certificates from NODE_EXTRA_CA_CERTS.",
      undefined,
      { cause: error },
    )
  }
}

/** How `fetch` comes to use a proxy, where one is named that it does not use; else nothing. */
export function proxyAdvice(environment: NodeJS.ProcessEnv = process.env): string {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']
  const named = names.find((name) => environment[name])
  if (named === undefined || environment.NODE_USE_ENV_PROXY === '1') return ''
  return `${named} was not used: Node.js takes a proxy where NODE_USE_ENV_PROXY=1 is set, version 24, or 22 from 22.21 on. `
}

/** What lies under `fetch failed`. */
export function networkReason(error: unknown): string {
  const { cause } = error as Error
  const inner = cause instanceof Error ? cause : (error as Error)
  return inner.message || (inner as NodeJS.ErrnoException).code || String(error)
}

function wheelsOfJson(text: string): ListedWheel[] {
  return (JSON.parse(text) as JsonListing).files
    .filter(({ yanked }) => yanked === undefined || yanked === false)
    .map(({ filename, url, hashes, size }) => ({
      fileName: filename,
      url,
      sha256: hashes.sha256?.toLowerCase(),
      bytes: size,
    }))
}

function wheelsOfHtml(text: string): ListedWheel[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)]
    .filter(([, attributes]) => !/\bdata-yanked\b/i.test(attributes!))
    .flatMap(([, attributes, name]) => {
      const address = /\bhref\s*=\s*"([^"]*)"/i.exec(attributes!)?.[1]?.replaceAll('&amp;', '&')
      if (address === undefined) return []
      const [url = '', fragment = ''] = address.split('#', 2)
      const sha256 = /^sha256=([0-9a-f]{64})$/i.exec(fragment)?.[1]?.toLowerCase()
      return [{ fileName: name!.trim(), url, sha256, bytes: undefined }]
    })
}
