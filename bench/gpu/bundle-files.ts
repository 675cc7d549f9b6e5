import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** `from '...'`, `import '...'`, `import('...')`, and the entries of threads and processes. */
const IMPORTS = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'|new URL\('([^']+\.js)', import\.meta\.url\)/g

export interface NeededFiles {
  /** Paths in the repository. */
  files: string[]
  /** Names of packages in node_modules. */
  packages: string[]
}

/** Everything that JavaScript files of the repository import, and what that imports. */
export function filesNeeded(root: string, entries: readonly string[]): NeededFiles {
  const files = new Set<string>()
  const packages = new Set<string>()
  const waiting = entries.map((entry) => join(root, entry))
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file) || !existsSync(file)) continue
    files.add(file)
    for (const [, module, url] of readFileSync(file, 'utf8').matchAll(IMPORTS)) {
      const target = module ?? url!
      if (target.startsWith('.')) waiting.push(resolve(dirname(file), target))
      else if (!target.startsWith('node:')) packages.add(packageName(target))
    }
  }
  return { files: [...files].map((file) => relative(root, file)).sort(), packages: [...packages].sort() }
}

/** `@scope/name` of `@scope/name/inside`. */
function packageName(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}
