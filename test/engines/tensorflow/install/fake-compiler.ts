import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Whether tests that compile an addon are skipped. */
export const compilerMissing = spawnSync('g++', ['--version']).status !== 0

/**
 * A program that takes a compiler's parameters and compiles, whatever it is given, an addon that answers as one of
 * TensorFlow's would.
 */
export function fakeCompiler(folder: string): string {
  const headers = join(
    dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')),
    'include',
  )
  const source = join(import.meta.dirname, 'fake-addon.cc')
  return script(folder, [
    'while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done',
    `exec g++ -shared -fPIC '-I${headers}' '${source}' -o "$out"`,
  ])
}

/** A compiler that is there and fails as one does where a header is missing. */
export function failingCompiler(folder: string): string {
  return script(folder, ['echo "utils.h:27:10: fatal error: c_api.h: No such file" >&2', 'exit 1'])
}

function script(folder: string, lines: string[]): string {
  const path = join(folder, 'compiler.sh')
  writeFileSync(path, ['#!/bin/sh', '[ "$1" = --version ] && exit 0', ...lines, ''].join('\n'))
  chmodSync(path, 0o755)
  return path
}
