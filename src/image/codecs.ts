import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The libraries that decode, resize and encode, for this machine: others may give other bytes. */
export function codecVersions(): string[] {
  const libraries = ['@julusian/jpeg-turbo', 'sharp'].map((name) => `${name} ${versionOf(name)}`)
  return [...libraries, `${process.platform} ${process.arch}`]
}

/** From the file, since a package need not export it, and loading sharp takes longer than packing a thousand images. */
function versionOf(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }
  return version ?? 'unknown'
}
