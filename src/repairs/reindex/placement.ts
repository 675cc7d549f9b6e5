import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type DatasetDescription, type DatasetFiles, HashedText } from '../../dataset/index.js'
import { copyFile, removeTree, renamePath, syncDirectory } from '../../io/index.js'
import { indexLine } from '../../recordio/index.js'
import { hashOfFile } from '../following-hash.js'
import { isRight } from './existing-index.js'
import type { RebuiltIndex } from './rebuilt-index.js'

/** What became of the files of a dataset. */
export interface Placed {
  /** False: the index that was there is right, and stays. */
  written: boolean
  /** Where the index that was there is now. */
  former?: string
  /** Where `dataset.json` is now, if it is no longer true of the dataset. */
  formerDescription?: string
}

/** Lines of an index between two looks at whether the disk has caught up. */
const LINES_A_TURN = 65_536

/** Puts what was made in a workshop into the folder of a dataset, and sets aside what it replaces or makes untrue. */
export class Placement {
  readonly #files: DatasetFiles
  readonly #workshop: string
  /** Of the index. */
  readonly #name: string

  constructor(files: DatasetFiles, workshop: string, name: string) {
    this.#files = files
    this.#workshop = workshop
    this.#name = name
  }

  /** Writes an index, unless that which is there is right. @throws OutputError; the reason of the signal */
  async placeIndex(
    index: RebuiltIndex,
    description: DatasetDescription | undefined,
    signal: AbortSignal,
  ): Promise<Placed> {
    const { folder, index: former } = this.#files
    const described = description?.files['train.idx']?.xxh64
    const hash = former === undefined ? undefined : (await hashOfFile(former)).xxh64
    if (former !== undefined && (described === undefined || hash === described)) {
      if (await isRight(former, index)) return { written: false }
    }
    const made = await this.#write(index)
    signal.throwIfAborted()
    const placed: Placed = { written: made !== hash }
    if (placed.written) {
      if (former !== undefined) {
        placed.former = `${former}.bak`
        await copyFile(former, placed.former, this.#workshop)
      }
      await renamePath(join(this.#workshop, this.#name), join(folder, this.#name))
      await syncDirectory(folder)
    }
    if (described !== undefined && described !== made) {
      placed.formerDescription = join(folder, 'dataset.json.bak')
      await renamePath(join(folder, 'dataset.json'), placed.formerDescription)
      await syncDirectory(folder)
    }
    return placed
  }

  /** Moves a list into the folder, or removes an earlier one where it is empty. @throws OutputError */
  async placeList(name: string, lines: number): Promise<string | undefined> {
    const path = join(this.#files.folder, name)
    if (lines > 0) await renamePath(join(this.#workshop, name), path)
    else if (existsSync(path)) await removeTree(path)
    else return undefined
    await syncDirectory(this.#files.folder)
    return lines > 0 ? path : undefined
  }

  /** Returns its hash. */
  async #write({ keys, offsets }: RebuiltIndex): Promise<string> {
    const file = await HashedText.create(join(this.#workshop, this.#name))
    try {
      for (let i = 0; i < keys.length; i++) {
        file.append(indexLine(keys[i]!, offsets[i]!))
        if (i % LINES_A_TURN === 0) await file.ready()
      }
      return (await file.finish()).xxh64
    } finally {
      await file.close()
    }
  }
}
