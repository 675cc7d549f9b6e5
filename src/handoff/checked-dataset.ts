import { detectLayout } from '../dataset/dialects/index.js'
import { Dataset } from '../dataset/index.js'
import { InputError, UsageError } from '../errors/index.js'
import { RecordReader, readIndex } from '../recordio/index.js'

/** A dataset that upstream's `MXFaceDataset` reads. */
export interface CheckedDataset {
  /** Absolute paths behind all links. */
  records: string
  index: string
  property: string | undefined
  dialect: 'insightface' | 'im2rec'
  images: number
  classes: number
  /** Whether its first image has labels after the one of its identity. */
  extraLabels: boolean
}

/** Pixels: upstream's networks end in a layer made for it. */
const SIDE = 112

/**
 * Checks what upstream takes on trust: that there is an index, that record 0 and the index tell the images that there
 * are, that each label has a class, that images are 112x112. Upstream takes a dataset without an index for a folder of
 * photos, and trains on a label without a class as if it were nobody's.
 * @throws InputError, UsageError
 */
export async function checkDataset(path: string): Promise<CheckedDataset> {
  const dataset = await Dataset.open(path)
  try {
    const { files, imageCount: images, identityCount: classes } = dataset
    if (files.index === undefined) {
      throw new InputError({
        file: files.records,
        problem: 'the dataset has no .idx file',
        fix: 'Make one with `facedata reindex`.',
      })
    }
    if (dataset.width !== SIDE || dataset.height !== SIDE) {
      throw new UsageError(
        `${files.records}: images are ${dataset.width}x${dataset.height}; arcface_torch's networks take ${SIDE}x${SIDE} alone. ` +
          'Make the dataset with facedata pack --size 112',
      )
    }
    const dialect = await checkLayout(files.records, files.index, classes)
    // Throws at a label that no identity has.
    await dataset.labels()
    const { extraLabels } = await dataset.image(0)
    return {
      records: files.records,
      index: files.index,
      property: files.property,
      dialect,
      images,
      classes,
      extraLabels: extraLabels.length > 0,
    }
  } finally {
    await dataset.close()
  }
}

async function checkLayout(
  records: string,
  indexPath: string,
  classes: number,
): Promise<CheckedDataset['dialect']> {
  const index = await readIndex(indexPath)
  const reader = await RecordReader.open(records)
  try {
    const { dialect } = await detectLayout(reader, index, classes)
    if (dialect === 'packed-labels') {
      throw new InputError({
        file: records,
        record: 0,
        problem: 'the first image has several labels, which arcface_torch takes for a header',
        fix: 'Write it anew with `facedata merge`, which puts a header record before it.',
      })
    }
    if (!index.keys.includes(0)) {
      throw new InputError({
        file: indexPath,
        problem: 'there is no record 0, which arcface_torch reads first',
        fix: 'Write the dataset anew with `facedata shuffle`.',
      })
    }
    return dialect
  } finally {
    await reader.close()
  }
}
