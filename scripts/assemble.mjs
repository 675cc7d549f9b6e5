// What the compiler leaves to do, at the same places below dist/: the WebAssembly text below src/ becomes binaries, and
// the pages of src/browser/client are copied. A part of `npm run build`.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import loadWabt from 'wabt'

const source = new URL('../src/', import.meta.url)
const output = new URL('../dist/', import.meta.url)
const wabt = await loadWabt()

for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (file.endsWith('.wat')) {
    const module = wabt.parseWat(file, readFileSync(new URL(file, source), 'utf8'), { simd: true })
    module.validate()
    writeFileSync(new URL(file.replace(/\.wat$/, '.wasm'), output), module.toBinary({}).buffer)
  }
  if (/\.(html|css|svg)$/.test(file)) copyFileSync(new URL(file, source), new URL(file, output))
}
