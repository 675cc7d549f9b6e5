import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeDirectory, removeTree, removeWhole, renamePath, syncDirectory } from '../../../io/index.js'

/** A folder that is filled beside its final name, under a hidden one with this process's number. */
export class StagedFolder {
  readonly path: string
  readonly #final: string

  private constructor(path: string, final: string) {
    this.path = path
    this.#final = final
  }

  /** Also takes away what processes that are gone left unfinished. @throws OutputError */
  static async create(final: string): Promise<StagedFolder> {
    const parent = dirname(final)
    await makeDirectory(parent)
    const start = `.${basename(final)}.`
    for (const name of await readdir(parent)) {
      const owner = name.startsWith(start) ? /^(\d+)\.tmp$/.exec(name.slice(start.length))?.[1] : undefined
      if (owner !== undefined && !isRunning(Number(owner))) await removeTree(join(parent, name))
    }
    const path = join(parent, `${start}${process.pid}.tmp`)
    await removeTree(path)
    await makeDirectory(path)
    return new StagedFolder(path, final)
  }

  /** Puts it under its name, in place of what stands there. @throws OutputError */
  async publish(): Promise<void> {
    if (existsSync(this.#final)) await removeWhole(this.#final)
    await renamePath(this.path, this.#final)
    await syncDirectory(dirname(this.#final))
  }

  async discard(): Promise<void> {
    await removeTree(this.path)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
