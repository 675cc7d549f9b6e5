import { join } from 'node:path'
import { makeDirectory, removeEmptyDirectory, removeTree } from '../../../io/index.js'
import type { Log, Progress } from '../../../progress/progress.js'
import { download } from './download.js'
import { megabytes, requireSpace } from './free-space.js'
import type { PackageIndex } from './package-index.js'
import { type ChosenWheel, chooseWheel, type Requirement } from './wheel-choice.js'
import { listWheels } from './wheel-listing.js'

export interface StoredWheel {
  path: string
  fileName: string
  version: string
  sha256: string
}

export interface WheelStoreOptions {
  folder: string
  index: PackageIndex
  /** As in names of wheels. */
  machine: string
  log: Log
  progress: Progress
  signal?: AbortSignal | undefined
}

/** Wheels brought from an index into a folder, where those of a run that was stopped are found again. */
export class WheelStore {
  readonly #options: WheelStoreOptions
  readonly #stored: string[] = []

  constructor(options: WheelStoreOptions) {
    this.#options = options
  }

  /** Says what will be downloaded before it is. @throws FacedataError, InputError, OutputError */
  async bring(requirements: readonly Requirement[]): Promise<StoredWheel[]> {
    const { index, machine, log, folder, signal } = this.#options
    const chosen: ChosenWheel[] = []
    for (const requirement of requirements) {
      const listed = await listWheels(index, requirement.packageName, signal)
      chosen.push(chooseWheel(listed, requirement, machine))
    }
    for (const { fileName, bytes } of chosen) {
      log.info(`${fileName}${bytes === undefined ? '' : `, ${megabytes(bytes)}`}`)
    }
    await makeDirectory(folder)
    const total = chosen.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
    await requireSpace(folder, total)
    const stored: StoredWheel[] = []
    for (const wheel of chosen) stored.push(await this.#store(wheel))
    return stored
  }

  /** Once what was in them is where it belongs. */
  async remove(): Promise<void> {
    for (const path of this.#stored) await removeTree(path)
    await removeEmptyDirectory(this.#options.folder)
  }

  async #store(wheel: ChosenWheel): Promise<StoredWheel> {
    const { folder, index, progress, signal } = this.#options
    const path = join(folder, wheel.fileName)
    // A password for the index is not for the host that keeps its files.
    const headers = new URL(wheel.url).host === new URL(index.url).host ? index.headers : {}
    const sha256 = await download(path, { ...wheel, headers }, { progress, signal })
    this.#stored.push(path)
    return { path, fileName: wheel.fileName, version: wheel.version, sha256 }
  }
}
