import { readFile } from 'node:fs/promises'
import { InputError } from '../errors/index.js'
import { inputErrorFrom } from '../io/index.js'
import { type Face, LANDMARKS } from './face.js'

/** `path score x1 y1 ... x5 y5`, with tabs between. */
export const LANDMARK_HEADER = [
  'path',
  'score',
  ...Array.from({ length: LANDMARKS }, (_, i) => [`x${i + 1}`, `y${i + 1}`]).flat(),
].join('\t')

const FIELDS = 2 + 2 * LANDMARKS

/**
 * Reads a file of landmarks: text, a header and one line a face, with tabs between the fields: path of the photo below
 * its folder, with `/`; score of the detector; x and y of left eye, right eye, nose, left and right corner of the
 * mouth, in pixels of the upright photo. A photo with several faces has several lines.
 * @returns by path
 * @throws InputError naming file and line
 */
export async function readLandmarks(path: string): Promise<Map<string, Face[]>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw inputErrorFrom(error, path)
  })
  const faces = new Map<string, Face[]>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (index === 0) checkHeader(line, path)
    else if (line !== '') addFace(faces, line, { file: path, line: index + 1 })
  }
  return faces
}

/** One line of the file. */
export function landmarkLine(path: string, { score, landmarks }: Face): string {
  return `${[path, score.toFixed(4), ...landmarks.map((value) => value.toFixed(2))].join('\t')}\n`
}

function checkHeader(line: string, file: string): void {
  if (line.replace(/^\uFEFF/, '') === LANDMARK_HEADER) return
  throw new InputError({
    file,
    line: 1,
    problem: 'no header of a landmarks file',
    expected: LANDMARK_HEADER.replaceAll('\t', ' '),
    actual: line.slice(0, 80).replaceAll('\t', ' '),
    fix: 'Put tabs between the fields.',
  })
}

function addFace(faces: Map<string, Face[]>, line: string, place: { file: string; line: number }): void {
  const fields = line.split('\t')
  if (fields.length !== FIELDS) {
    throw new InputError({
      ...place,
      problem: 'fields are missing or too many',
      expected: FIELDS,
      actual: fields.length,
    })
  }
  const [path, ...texts] = fields as [string, ...string[]]
  const [score, ...landmarks] = texts.map((text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value)) return value
    throw new InputError({ ...place, problem: 'a field is no number', actual: JSON.stringify(text) })
  }) as [number, ...number[]]
  const face = { score, landmarks }
  const others = faces.get(path)
  if (others === undefined) faces.set(path, [face])
  else others.push(face)
}
