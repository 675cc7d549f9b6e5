import { hashToHex, xxh64 } from '../../hash/xxh64.js'
import type { Comparison } from './comparison.js'
import { UNKNOWN_LABEL } from './identity-ranges.js'
import { type ImageShape, shapeOf } from './image-shape.js'
import { isLabel } from './label-counts.js'
import type { ManifestRow } from './manifest-rows.js'

/** One image as it stands in its record. */
export interface ImageRecord {
  offset: number
  /** Payload bytes of the record. */
  length: number
  id: number
  label: number
  image: Uint8Array
}

/**
 * Compares an image with what index, manifest and list say of it. Where they disagree, the one that is alone is the
 * wrong one; of two, the manifest is right unless it is known to be changed.
 */
export class ImageRecordCheck {
  readonly #with: Comparison
  /** Label of the image of each line of the index, or `UNKNOWN_LABEL`. */
  readonly labels: Int32Array

  constructor(comparison: Comparison) {
    this.#with = comparison
    this.labels = new Int32Array(comparison.index?.keys.length ?? 0).fill(UNKNOWN_LABEL)
  }

  /**
   * @param line of the index; -1 where it does not name the record
   * @returns whether it is certain which image this is
   */
  check(record: ImageRecord, line: number, row: ManifestRow | undefined): boolean {
    const { index, hasIds, labels, manifest } = this.#with
    const key = this.#keyOf(record, line, row)
    this.#compareKeys(record, key, line, row)
    // Without a manifest, either the id or the index is wrong: what is said of the key may be said of another record.
    const isCertain = manifest !== undefined || !hasIds || record.id === key
    const label = isCertain ? this.#checkLabel(record, key, row) : UNKNOWN_LABEL
    if (label !== UNKNOWN_LABEL) {
      labels.counts.add(label, key)
      const place = index === undefined ? -1 : index.keys[line] === key ? line : index.table.positionOf(key)
      if (place !== -1) this.labels[place] = label
    }
    if (this.#checkBytes(record, key, row)) this.#checkImage(record, key, row)
    return isCertain
  }

  #keyOf({ id }: ImageRecord, line: number, row: ManifestRow | undefined): number {
    const indexKey = line === -1 ? undefined : this.#with.index!.keys[line]!
    const rowKey = row?.batch.keys[row.row]
    if (indexKey === undefined) return rowKey ?? id
    return rowKey === id && this.#with.hasIds ? rowKey : indexKey
  }

  #compareKeys({ offset, id }: ImageRecord, key: number, line: number, row: ManifestRow | undefined): void {
    const { report, names, hasIds, manifest, index } = this.#with
    if (line !== -1 && index!.keys[line] !== key) index!.tellKey(line, key)
    if (hasIds && id !== key) this.tellId(key, offset, id)
    if (row === undefined) {
      if (manifest?.isWhole !== true) return
      const problem = 'the manifest has no row for this image'
      report.add({ kind: 'manifest', file: names.records, record: key, offset, problem }, names.manifest)
    } else if (row.batch.keys[row.row] !== key) {
      const actual = row.batch.keys[row.row]!
      const problem = `the key is not that of the record at offset ${offset}`
      report.add({ kind: 'manifest', file: names.manifest, record: actual, problem, expected: key, actual })
    }
  }

  /** The id in the header of a record is not its key. */
  tellId(key: number, offset: number, id: number): void {
    const { report, names } = this.#with
    const problem = 'the id in the header is not the key'
    report.add({ kind: 'id', file: names.records, record: key, offset, problem, expected: key, actual: id })
  }

  #checkLabel({ offset, label }: ImageRecord, key: number, row: ManifestRow | undefined): number {
    const { report, names, list, labels } = this.#with
    const rowLabel = row?.batch.labels[row.row]
    const listLabel = list?.labelOf(key, names.records, offset)
    if (!labels.isValid(label, key, offset)) return known(rowLabel ?? listLabel)
    const right = this.#rightLabel(label, rowLabel, listLabel)
    const problem = 'the label is not that of the other files'
    if (label !== right) {
      report.add({
        kind: 'label',
        file: names.records,
        record: key,
        offset,
        problem,
        expected: right,
        actual: label,
      })
    }
    if (rowLabel !== undefined && rowLabel !== right) {
      const problem = 'the label is not that of the record'
      report.add({
        kind: 'manifest',
        file: names.manifest,
        record: key,
        problem,
        expected: right,
        actual: rowLabel,
      })
    }
    if (listLabel !== undefined && listLabel !== right) {
      const problem = 'the label is not that of the record'
      report.add({ kind: 'list', file: names.list, record: key, problem, expected: right, actual: listLabel })
      // Without a manifest either of the two may be wrong.
      if (rowLabel === undefined) return UNKNOWN_LABEL
    }
    return right
  }

  #rightLabel(label: number, rowLabel: number | undefined, listLabel: number | undefined): number {
    if (rowLabel === undefined || rowLabel === label || listLabel === label) return label
    const { wholeFiles, names } = this.#with
    return rowLabel === listLabel || !wholeFiles.isChanged(names.manifest) ? rowLabel : label
  }

  /** Whether the bytes of the image are those that the manifest has a hash of. */
  #checkBytes({ offset, length, image }: ImageRecord, key: number, row: ManifestRow | undefined): boolean {
    const { report, names, wholeFiles, known } = this.#with
    if (image.length === 0) {
      const problem = 'the record holds no image'
      report.add({ kind: 'image', file: names.records, record: key, offset, problem })
      return false
    }
    if (row === undefined) return true
    const statedLength = row.batch.lengths[row.row]!
    const statedHash = row.batch.hashes[row.row]!
    const hash = known?.hashOf(offset, image) ?? xxh64(image)
    if (hash === statedHash && length === statedLength) return true
    const place = wholeFiles.isChanged(names.manifest)
      ? ({ kind: 'manifest', file: names.manifest, record: key } as const)
      : ({ kind: 'image', file: names.records, record: key, offset } as const)
    if (length !== statedLength) {
      const problem = 'the record has another length than its row of the manifest says'
      report.add({ ...place, problem, expected: statedLength, actual: length })
    } else {
      const problem = 'the bytes of the image are not those of its row of the manifest'
      report.add({ ...place, problem, expected: `xxh64 ${hashToHex(statedHash)}`, actual: hashToHex(hash) })
    }
    return false
  }

  #checkImage({ offset, length, image }: ImageRecord, key: number, row: ManifestRow | undefined): void {
    const { decode, shapes } = this.#with
    const stated = row === undefined ? undefined : shapeOfRow(row)
    if (decode !== undefined) decode.add(key, offset, length, stated)
    else if (stated !== undefined || shapes.knowsSize) shapes.check(key, shapeOf(image), stated)
  }
}

function known(label: number | undefined): number {
  return label !== undefined && isLabel(label) ? label : UNKNOWN_LABEL
}

function shapeOfRow({ batch, row }: ManifestRow): ImageShape {
  return { width: batch.widths[row]!, height: batch.heights[row]!, format: batch.formats[row]! }
}
