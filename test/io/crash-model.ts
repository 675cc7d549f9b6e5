import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { WriteEvent } from '../../src/io/index.js'
import type { Random } from '../../src/random/random.js'

/**
 * A file system that loses power. It follows recorded writes and tells, at any point, what a disk may hold afterwards:
 *
 * - Bytes written to a file since its last fsync may be there, missing, there in part, or zeros of the right length.
 * - A change of names (create, rename, link, unlink) lasts once a folder that it touches is fsynced. Those that have not
 *   lasted may each be done or undone, whatever became of the others: more than ext4, xfs and btrfs allow, as much as
 *   POSIX does. A rename is done as a whole or not at all, which all of those grant.
 */
export class CrashModel {
  readonly #root: string
  readonly #random: Random
  readonly #inodes: Inode[] = [directory()]
  #pending: NameChange[][] = []

  /** What stands below `root` now has lasted. */
  constructor(root: string, random: Random) {
    this.#root = root
    this.#random = random
    this.#load(root, 0)
  }

  /** Follows an event in the smallest steps that a disk may stop between; what holds after each is yielded to. */
  *follow(event: WriteEvent): Generator<void> {
    switch (event.kind) {
      case 'directory':
        yield* this.#makeDirectories(event.path)
        break
      case 'create': {
        const found = this.#find(event.path)
        if (found === undefined) this.#name(event.path, this.#add(emptyFile()))
        else this.#file(found).written = []
        break
      }
      case 'write': {
        const file = this.#file(this.#existing(event.path))
        file.written = [...file.written, Buffer.from(event.bytes)]
        break
      }
      case 'sync': {
        const file = this.#file(this.#existing(event.path))
        file.lasting = file.written
        break
      }
      case 'rename':
        this.#change([
          ...this.#naming(event.path, undefined),
          ...this.#naming(event.to, this.#existing(event.path)),
        ])
        break
      case 'hard-link':
        this.#name(event.to, this.#existing(event.path))
        break
      case 'link':
        this.#name(event.path, this.#add({ kind: 'link', target: event.target }))
        break
      case 'remove':
        yield* this.#remove(event.path)
        break
      case 'remove-empty': {
        const found = this.#find(event.path)
        if (found !== undefined && this.#directory(found).names.size === 0) this.#name(event.path, undefined)
        break
      }
      case 'sync-directory':
        this.#sync(this.#existing(event.path))
        break
    }
    yield
  }

  /** Up to `most` different states that a crash may leave now: the plainest ones, then others by chance. */
  states(most: number): DiskState[] {
    const states = new Map<string, DiskState>()
    const add = (done: (index: number) => boolean, bytes: Bytes | undefined) => {
      const state = this.#stateWith(done, bytes)
      if (!states.has(state.mark)) states.set(state.mark, state)
    }
    for (const bytes of everyBytes) {
      add(() => true, bytes)
      add(() => false, bytes)
    }
    const changes = this.#pending.length
    const subsets = changes <= Math.log2(most) ? 2 ** changes : 0
    for (let subset = 0; subset < subsets; subset++) add((index) => ((subset >> index) & 1) === 1, undefined)
    for (let tries = 0; states.size < most && tries < 2 * most; tries++) {
      const likelihood = this.#random.uniform()
      add(() => this.#random.uniform() < likelihood, undefined)
    }
    return [...states.values()].slice(0, most)
  }

  #stateWith(done: (index: number) => boolean, bytes: Bytes | undefined): DiskState {
    const names = new Map<number, Map<string, number>>()
    const namesOf = (inode: number) => {
      const found = names.get(inode) ?? new Map(this.#directory(inode).lasting)
      names.set(inode, found)
      return found
    }
    for (const [index, changes] of this.#pending.entries()) {
      if (!done(index)) continue
      for (const { folder, name, inode } of changes) setName(namesOf(folder), name, inode)
    }
    const state = new DiskState()
    const visit = (folder: number, path: string) => {
      for (const [name, inode] of namesOf(folder)) {
        const below = path === '' ? name : `${path}/${name}`
        const node = this.#inodes[inode]!
        if (node.kind === 'link') state.addLink(below, node.target)
        else if (node.kind === 'file') this.#addFile(state, below, inode, bytes)
        else {
          state.addFolder(below)
          visit(inode, below)
        }
      }
    }
    visit(0, '')
    return state
  }

  #addFile(state: DiskState, path: string, inode: number, bytes: Bytes | undefined): void {
    const { written, lasting } = this.#file(inode)
    if (written === lasting) {
      state.addFile(path, `${inode} ${lasting.length}`, () => Buffer.concat(lasting))
      return
    }
    const fate = bytes ?? everyBytes[this.#random.integer(everyBytes.length)]!
    state.addFile(path, `${inode} ${lasting.length} ${written.length} ${fate}`, () =>
      bytesAfterCrash(fate, Buffer.concat(lasting), Buffer.concat(written)),
    )
  }

  *#makeDirectories(path: string): Generator<void> {
    if (this.#find(path) !== undefined) return
    yield* this.#makeDirectories(dirname(path))
    this.#name(path, this.#add(directory()))
    yield
  }

  /** In any order of siblings, as `rm -r` has it. */
  *#remove(path: string): Generator<void> {
    const found = this.#find(path)
    if (found === undefined) return
    const node = this.#inodes[found]!
    if (node.kind === 'directory') {
      for (const name of this.#random.shuffle([...node.names.keys()])) yield* this.#remove(join(path, name))
    }
    this.#name(path, undefined)
    yield
  }

  /** A change that touches this folder lasts, and what happened before to the same names. */
  #sync(folder: number): void {
    const lasts = new Set<string>()
    const key = (change: NameChange) => `${change.folder}/${change.name}`
    const kept: NameChange[][] = []
    const done: NameChange[][] = []
    for (const changes of [...this.#pending].reverse()) {
      if (changes.some((change) => change.folder === folder || lasts.has(key(change)))) {
        done.unshift(changes)
        for (const change of changes) lasts.add(key(change))
      } else kept.unshift(changes)
    }
    this.#pending = kept
    for (const { folder, name, inode } of done.flat()) setName(this.#directory(folder).lasting, name, inode)
  }

  #name(path: string, inode: number | undefined): void {
    this.#change(this.#naming(path, inode))
  }

  #naming(path: string, inode: number | undefined): NameChange[] {
    const folder = this.#existing(dirname(path))
    return [{ folder, name: path.slice(dirname(path).length + 1), inode }]
  }

  #change(changes: NameChange[]): void {
    for (const { folder, name, inode } of changes) setName(this.#directory(folder).names, name, inode)
    this.#pending.push(changes)
  }

  #find(path: string): number | undefined {
    let inode: number | undefined = 0
    const below = relative(this.#root, path)
    if (below === '..' || below.startsWith(`..${sep}`)) throw new Error(`${path} is not below ${this.#root}`)
    for (const name of below.split(sep)) {
      if (name === '') continue
      const node: Inode = this.#inodes[inode]!
      if (node.kind !== 'directory') return undefined
      inode = node.names.get(name)
      if (inode === undefined) return undefined
    }
    return inode
  }

  #existing(path: string): number {
    const found = this.#find(path)
    if (found === undefined) throw new Error(`${path} is not there in the model`)
    return found
  }

  #add(inode: Inode): number {
    return this.#inodes.push(inode) - 1
  }

  #directory(inode: number): Directory {
    const node = this.#inodes[inode]!
    if (node.kind !== 'directory') throw new Error('not a folder in the model')
    return node
  }

  #file(inode: number): File {
    const node = this.#inodes[inode]!
    if (node.kind !== 'file') throw new Error('not a file in the model')
    return node
  }

  #load(path: string, inode: number): void {
    const { names, lasting } = this.#directory(inode)
    for (const name of readdirSync(path).sort()) {
      const below = join(path, name)
      const stat = lstatSync(below)
      let added: number
      if (stat.isSymbolicLink()) added = this.#add({ kind: 'link', target: readlinkSync(below) })
      else if (stat.isDirectory()) {
        added = this.#add(directory())
        this.#load(below, added)
      } else {
        const bytes = readFileSync(below)
        const pieces = [bytes]
        added = this.#add({ kind: 'file', written: pieces, lasting: pieces })
      }
      names.set(name, added)
      lasting.set(name, added)
    }
  }
}

/** What a disk holds after a crash. Paths are relative to the root, with `/`. */
export class DiskState {
  readonly folders: string[] = []
  readonly links = new Map<string, string>()
  readonly #files = new Map<string, () => Buffer>()
  /** The same for two states only if they hold the same. */
  mark = ''

  addFolder(path: string): void {
    this.folders.push(path)
    this.mark += `${path}/\n`
  }

  addLink(path: string, target: string): void {
    this.links.set(path, target)
    this.mark += `${path} -> ${target}\n`
  }

  addFile(path: string, mark: string, bytes: () => Buffer): void {
    this.#files.set(path, bytes)
    this.mark += `${path} ${mark}\n`
  }

  /** The files below a folder by their paths in it; behind a link too. Undefined where there is no such folder. */
  filesBelow(path: string): Map<string, Buffer> | undefined {
    const target = this.links.get(path)
    const folder = target === undefined ? path : join(dirname(path), target)
    if (!this.folders.includes(folder)) return undefined
    const files = [...this.#files].filter(([file]) => file.startsWith(`${folder}/`))
    return new Map(files.map(([file, bytes]) => [file.slice(folder.length + 1), bytes()]))
  }

  file(path: string): Buffer | undefined {
    return this.#files.get(path)?.()
  }

  /** Puts it on the disk in place of what stands below `root`. */
  restore(root: string): void {
    for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true })
    for (const folder of this.folders) mkdirSync(join(root, folder), { recursive: true })
    for (const [path, target] of this.links) symlinkSync(target, join(root, path))
    for (const [path, bytes] of this.#files) writeFileSync(join(root, path), bytes())
  }
}

interface NameChange {
  folder: number
  name: string
  /** Undefined removes the name. */
  inode: number | undefined
}

interface Directory {
  kind: 'directory'
  names: Map<string, number>
  lasting: Map<string, number>
}

interface File {
  kind: 'file'
  /** Never changed in place: states are read after the model has gone on. */
  written: readonly Buffer[]
  /** The same array as `written` once that is fsynced. */
  lasting: readonly Buffer[]
}

type Inode = Directory | File | { kind: 'link'; target: string }

/** What may become of bytes that were not fsynced. */
const everyBytes = ['written', 'lost', 'half', 'zeros', 'hole'] as const
type Bytes = (typeof everyBytes)[number]

function bytesAfterCrash(fate: Bytes, lasting: Buffer, written: Buffer): Buffer {
  if (fate === 'written') return written
  if (fate === 'lost') return lasting
  if (fate === 'half') return written.subarray(0, written.length >> 1)
  if (fate === 'zeros') return Buffer.alloc(written.length)
  // Later pages may reach the disk before earlier ones.
  const holed = Buffer.from(written)
  return holed.fill(0, 0, written.length >> 1)
}

function emptyFile(): File {
  return { kind: 'file', written: [], lasting: [] }
}

function directory(): Directory {
  return { kind: 'directory', names: new Map(), lasting: new Map() }
}

function setName(names: Map<string, number>, name: string, inode: number | undefined): void {
  if (inode === undefined) names.delete(name)
  else names.set(name, inode)
}
