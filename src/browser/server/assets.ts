import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from './answer.js'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Shown in place of an image that cannot be. */
export const PLACEHOLDER = '/client/damaged.svg'

const PAGE = '/client/index.html'

/** The files of the page by their paths, read once: no path of a request ever meets the file system. */
export type Assets = ReadonlyMap<string, Answer>

export async function readAssets(): Promise<Assets> {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const client = join(root, 'client')
  const files = (await readdir(client, { recursive: true })).map((file) => join(client, file))
  const assets = new Map<string, Answer>()
  for (const file of [...files, join(root, 'api.js')]) {
    const type = TYPES[extname(file)]
    if (type === undefined) continue
    const path = `/${relative(root, file).split(sep).join('/')}`
    const body = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (body !== undefined) assets.set(path, { status: 200, type, body })
  }
  assets.set('/', assets.get(PAGE)!)
  return assets
}
