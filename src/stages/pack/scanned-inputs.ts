import { statSync } from 'node:fs'
import { posix } from 'node:path'
import { InputError } from '../../errors/index.js'
import type { ArchivedFiles, PlannedArchive } from './archived-files.js'
import { nameOfInput } from './input-names.js'
import type { ImageFolder } from './scan.js'

/** Images of one identity in one place: a folder on disk or in an archive, or the shards of a WebDataset. */
export interface SourceFolder extends ImageFolder {
  /** Name of the identity. */
  name: string
  /** Position in the inputs; of images in several shards, that of the first. */
  source: number
  /** Where the images lie, if not on disk. */
  archived?: ArchivedFiles
  /** Of a WebDataset: identities of one name in its shards are one. */
  set?: string
}

/** An image file that belongs to no identity. */
export interface UnnamedFile {
  /** Position in the inputs. */
  source: number
  path: string
  reason: string
}

export interface ScannedInputs {
  /** By input, then by path. */
  folders: SourceFolder[]
  /** By position in the inputs. */
  archives: Record<number, PlannedArchive>
  unnamed: UnnamedFile[]
  /** Files that are not images, counted by extension, as `hidden`, or as `special`. */
  ignored: Record<string, number>
  /** Archives whose images have labels beside them. */
  webDatasets: number
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** A folder is named by itself, the input by its own name. */
export function nameOf({ relativePath }: { relativePath: string }, root: string): string {
  return identityName(relativePath === '' ? nameOfInput(root) : posix.basename(relativePath))
}

/** An accented letter is one character or two, by the machine that made the folder: the person is the same. */
export function identityName(text: string): string {
  return text.normalize('NFC')
}

export function noIdentity(root: string, ignored: Record<string, number>, problem?: string): InputError {
  const others = Object.entries(ignored).map(([kind, files]) => `${files} ${kind}`)
  const archives = ['.tar', '.zip'].find((kind) => ignored[kind] !== undefined)
  return new InputError({
    file: root,
    problem: `there is no identity in this ${isFile(root) ? 'archive' : 'folder'}`,
    expected: 'folders of images, each named like a person: FOLDER/NAME/IMAGE.jpg',
    actual: problem ?? (others.length === 0 ? 'no files' : `other files: ${others.join(', ')}`),
    ...(archives !== undefined && {
      fix: `Archives are inputs themselves: facedata pack ${root}/*${archives}`,
    }),
  })
}
