import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}

function importedPackages(): Set<string> {
  const packages = new Set<string>()
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(root, 'src', file), 'utf8')
    const statements = [...text.matchAll(/^(?:import|export|\}).* from '([^'.][^'\s]*)'/gm)]
    // What is loaded where it is needed, and not before.
    const calls = [...text.matchAll(/\bimport\('([^'.][^'\s]*)'\)/g)]
    // What is no code: a folder of C headers.
    const folders = [...text.matchAll(/\.resolve\('([^'.][^'\s]*)\/package\.json'\)/g)]
    for (const [, name = ''] of [...statements, ...calls, ...folders]) {
      if (!name.startsWith('node:'))
        packages.add(
          name!
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
    }
  }
  return packages
}

describe('dependencies', () => {
  it('are all imported, and everything imported is declared', () => {
    expect([...importedPackages()].sort()).toEqual(Object.keys(dependencies).sort())
  })

  it('are each explained in CONTRIBUTING.md', () => {
    const guide = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
    expect(Object.keys(dependencies).filter((name) => !guide.includes(`| ${name} |`))).toEqual([])
  })
})
