import { basename, join } from 'node:path'
import type { InputFile } from '../../io/index.js'
import type { Comparison, FileNames } from './comparison.js'
import type { DatasetParts } from './dataset-parts.js'
import { DecodeCheck } from './decode-check.js'
import type { FaultReport } from './fault-report.js'
import { holdsKeys } from './header-ids.js'
import type { KnownImages } from './image-digests.js'
import { IndexCheck } from './index-check.js'
import { LabelCheck } from './label-check.js'
import { ListCheck } from './list-check.js'
import { ManifestCheck } from './manifest-check.js'
import { NumberRecords } from './number-records.js'
import { readPropertyOf } from './property-check.js'
import { ShapeCheck } from './shape-check.js'
import { WholeFiles } from './whole-files.js'

/**
 * Reads and checks the files that the records are compared with.
 * @param records the `.rec` file; undefined where it is missing
 * @param decode how to decode the images; undefined where they are not
 */
export async function prepareComparison(
  parts: DatasetParts,
  records: InputFile | undefined,
  decode: { jobs: number; signal: AbortSignal } | undefined,
  report: FaultReport,
  known?: KnownImages,
): Promise<Comparison> {
  const { files, description } = parts
  const names = namesOf(parts)
  const wholeFiles = await WholeFiles.check(files.folder, description, report)
  const property =
    files.property === undefined ? undefined : await readPropertyOf(files.property, names.property, report)
  const index = files.index === undefined ? undefined : await IndexCheck.read(files.index, names, report)
  const list = files.list === undefined ? undefined : await ListCheck.read(files.list, names.list, report)
  const manifest =
    files.manifest === undefined ? undefined : new ManifestCheck(files.manifest, names.manifest, report)
  // The images of a dataset of ours have the sizes of their rows, whatever size was asked for.
  const isForeign = manifest === undefined && description === undefined
  const shapes = new ShapeCheck(names.manifest, isForeign ? property : undefined, report)
  // An adopted dataset keeps the headers that another tool wrote.
  const isWrittenByUs = description !== undefined && description.adopted !== true
  const hasIds =
    isWrittenByUs || (index !== undefined && records !== undefined && (await holdsKeys(records, index)))
  noteWhatIsMissing(report, { index, manifest, hasIds })
  return {
    names,
    report,
    wholeFiles,
    property,
    index,
    list,
    manifest,
    hasIds,
    labels: new LabelCheck(names.records, report),
    numbers: new NumberRecords(),
    shapes,
    decode:
      decode === undefined
        ? undefined
        : new DecodeCheck({ path: files.records, file: names.records }, { ...decode, known }, shapes, report),
    known,
  }
}

function noteWhatIsMissing(
  { notChecked }: FaultReport,
  { index, manifest, hasIds }: Pick<Comparison, 'index' | 'manifest' | 'hasIds'>,
): void {
  if (index === undefined) notChecked.push('keys: there is no index')
  else if (!hasIds) notChecked.push('ids in the headers of records: they are not the keys')
  if (manifest === undefined) {
    notChecked.push('bytes of images: there is no manifest with their hashes, and the format has no checksum')
  }
}

function namesOf({ files }: DatasetParts): FileNames {
  const name = (path: string | undefined, otherwise: string) =>
    basename(path ?? join(files.folder, otherwise))
  const stem = basename(files.records, '.rec')
  return {
    records: basename(files.records),
    index: name(files.index, `${stem}.idx`),
    list: name(files.list, `${stem}.lst`),
    property: name(files.property, 'property'),
    manifest: name(files.manifest, 'manifest.arrow'),
    identities: name(files.identities, 'identities.arrow'),
    description: name(files.description, 'dataset.json'),
  }
}
