import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANDMARK_HEADER, landmarkLine, readLandmarks, roundedFace } from '../../src/alignment/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()
const file = join(folder, 'landmarks.tsv')

async function read(text: string) {
  await writeFile(file, text)
  return readLandmarks(file)
}

describe('readLandmarks', () => {
  it('reads what it writes, to the last bit', async () => {
    const face = roundedFace({
      score: 0.99987654,
      landmarks: [1 / 3, -2.005, 1e3 / 7, 4, 5, 6, 7, 8, 9, 10.999],
    })
    const lines = ['a/1.jpg', 'a/2.jpg', 'a/1.jpg'].map((path) => landmarkLine(path, face))
    const faces = await read(`${LANDMARK_HEADER}\n${lines.join('')}`)
    expect([...faces]).toEqual([
      ['a/1.jpg', [face, face]],
      ['a/2.jpg', [face]],
    ])
  })

  it('takes line ends of Windows', async () => {
    const line = landmarkLine('a.jpg', { score: 1, landmarks: new Array(10).fill(3) })
    expect((await read(`${LANDMARK_HEADER}\r\n${line.replace('\n', '\r\n')}`)).size).toBe(1)
  })

  it.each([
    ['another header', 'path,score\n', /line 1: no header.*expected path score x1 y1/],
    [
      'a missing field',
      `${LANDMARK_HEADER}\na.jpg\t1\t2\n`,
      /line 2: fields are missing.*expected 12, found 3/,
    ],
    [
      'a word',
      `${LANDMARK_HEADER}\na.jpg\t1${'\tx'.repeat(10)}\n`,
      /line 2: a field is no number: found "x"/,
    ],
    ['an empty field', `${LANDMARK_HEADER}\na.jpg\t${'\t1'.repeat(10)}\n`, /a field is no number: found ""/],
  ])('refuses %s, naming file and line', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message)
    await expect(read(text)).rejects.toThrow(file)
  })
})
