import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runOracle } from '../oracles/python.js'

const FOLDER = resolve(import.meta.dirname, '../../fixtures/golden/engines')

export async function readGolden<Content>(name: string): Promise<Content> {
  return JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as Content
}

/**
 * Runs one of the PyTorch scripts on a request and returns what it prints. With FACEDATA_WRITE_GOLDEN=1 that becomes
 * the golden file. A script that writes tensors puts them, float64, into the second result.
 */
export async function askPytorch<Content>(
  script: string,
  request: object,
  golden: string,
): Promise<{ content: Content; tensors: Float64Array }> {
  const folder = await mkdtemp(join(tmpdir(), 'facedata-oracle-'))
  try {
    const [requestPath, tensorsPath] = [join(folder, 'request.json'), join(folder, 'tensors.bin')]
    await writeFile(requestPath, JSON.stringify(request))
    await writeFile(tensorsPath, '')
    const content = JSON.parse(await runOracle('torch', script, requestPath, tensorsPath)) as Content
    if (process.env['FACEDATA_WRITE_GOLDEN'])
      await writeFile(join(FOLDER, golden), `${JSON.stringify(content)}\n`)
    const bytes = await readFile(tensorsPath)
    return { content, tensors: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8) }
  } finally {
    await rm(folder, { recursive: true })
  }
}
