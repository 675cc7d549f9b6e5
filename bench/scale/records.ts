import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BlockWriter, OutputFile } from '../../dist/io/index.js'
import { IMAGE_HEADER_BYTES, indexLine, RecordWriter, writeImageHeader } from '../../dist/recordio/index.js'

const IMAGES_PER_IDENTITY = 50

/**
 * A JPEG of 76 bytes in form alone: start, frame of 112x112 and 3 components, one scan, end. What reads its structure
 * finds nothing wrong; it has no tables, and nobody decodes it.
 */
const JPEG = Buffer.from(
  `ffd8ffc00011080070007003012200021101031101ffda000c03010002110311003f00${'00'.repeat(39)}ffd9`,
  'hex',
)

/** Where in the scan an image's own number stands, 7 bits a byte: no byte is a marker. */
const NUMBER_AT = 40

/**
 * Writes a dataset as another tool would, `train.rec`, `train.idx` and `property`: records of 100 payload bytes in
 * im2rec's layout, no two alike.
 */
export async function writeSmallRecords(folder: string, records: number, salt: number): Promise<void> {
  await mkdir(folder)
  const file = await OutputFile.create(join(folder, 'train.rec'))
  const indexFile = await OutputFile.create(join(folder, 'train.idx'))
  const writer = new RecordWriter(file)
  const index = new BlockWriter(indexFile)
  const header = Buffer.alloc(IMAGE_HEADER_BYTES)
  for (let key = 0; key < records; key++) {
    writeImageHeader(header, Math.floor(key / IMAGES_PER_IDENTITY), key)
    number(key, salt)
    index.appendText(indexLine(key, writer.append(header, JPEG)))
    if (writer.behind) await writer.ready()
    if (index.behind) await index.ready()
  }
  await writer.flush()
  await index.flush()
  await file.close()
  await indexFile.close()
  const identities = Math.ceil(records / IMAGES_PER_IDENTITY)
  await writeFile(join(folder, 'property'), `${identities},112,112\n`)
}

function number(key: number, salt: number): void {
  JPEG[NUMBER_AT] = salt
  for (let digit = 0, left = key; digit < 5; digit++, left = Math.floor(left / 128)) {
    JPEG[NUMBER_AT + 1 + digit] = left % 128
  }
}
