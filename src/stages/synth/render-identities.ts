import { join } from 'node:path'
import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import { encodeJpeg } from '../../image/index.js'
import { makeDirectory, OutputFile, syncDirectory } from '../../io/index.js'
import { identityName, imageFileName, renderFace } from '../../synthesis/index.js'
import type { ShardResult, StageContext } from '../stage.js'

const JPEG_QUALITY = 95

/** Identities `first` to `end` (exclusive), counted from 0, with all their images. */
export interface IdentityRange {
  first: number
  end: number
  images: number
  seed: number
}

/** Writes one folder an identity into `folder`, below the scratch folder. */
export async function renderIdentities(
  range: IdentityRange,
  folder: string,
  { scratch, progress, signal }: StageContext,
): Promise<ShardResult> {
  const files: ShardResult['files'] = []
  for (let identity = range.first; identity < range.end; identity++) {
    const name = identityName(range.seed, identity)
    await makeDirectory(join(scratch, folder, name))
    for (let image = 0; image < range.images; image++) {
      signal.throwIfAborted()
      const bytes = encodeJpeg(renderFace(range.seed, identity, image), JPEG_QUALITY)
      const path = join(folder, name, imageFileName(name, image))
      await writeFile(join(scratch, path), bytes)
      files.push({ path, bytes: bytes.length, xxh64: hashToHex(xxh64(bytes)) })
      progress.advance(1)
      await yieldToSignals()
    }
    await syncDirectory(join(scratch, folder, name))
  }
  await syncDirectory(join(scratch, folder))
  return { files, done: files.length, skipped: 0 }
}

/** Not atomic: the whole folder appears by one rename. */
async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = await OutputFile.create(path)
  try {
    await file.write(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Rendering never waits by itself; without this a signal would be heard after the last image. */
function yieldToSignals(): Promise<void> {
  return new Promise((done) => setImmediate(done))
}
