import { InputError } from '../errors/index.js'

const ZIP = '504b0304'

/** Start of the form before PyTorch 1.6: protocol 2, then the magic number 0x1950a86a20f9469cfc6c. */
const LEGACY_PICKLE = '80028a0a6cfc9c46f9206aa85019'

/** Bytes of a file that tell its form. */
export const FORM_BYTES = 512

/** @throws InputError for what is not the zip form of `torch.save`, with what makes it one */
export function requireZipForm(head: Buffer, path: string): void {
  const start = head.toString('hex', 0, 14)
  if (start.startsWith(ZIP)) return
  const isTar = head.toString('latin1', 257, 262) === 'ustar'
  if (start === LEGACY_PICKLE || isTar) {
    throw new InputError({
      file: path,
      problem: `is in the form that ${isTar ? 'the first versions of PyTorch' : 'PyTorch before 1.6'} wrote`,
      expected: 'the zip form',
      fix: `Write it anew with PyTorch 1.6 or newer: f = ${JSON.stringify(path)}; torch.save(torch.load(f, map_location='cpu'), f)`,
    })
  }
  throw new InputError({
    file: path,
    problem: 'is not a file of torch.save',
    expected: `a zip, first bytes ${ZIP}`,
    actual: head.length === 0 ? 'an empty file' : start.slice(0, 8),
  })
}
