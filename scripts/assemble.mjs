// Assembles the WebAssembly text below src/ to binaries at the same places below dist/. A part of `npm run build`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import loadWabt from 'wabt'

const source = new URL('../src/', import.meta.url)
const output = new URL('../dist/', import.meta.url)
const wabt = await loadWabt()

for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.wat')) continue
  const module = wabt.parseWat(file, readFileSync(new URL(file, source), 'utf8'), { simd: true })
  module.validate()
  writeFileSync(new URL(file.replace(/\.wat$/, '.wasm'), output), module.toBinary({}).buffer)
}
