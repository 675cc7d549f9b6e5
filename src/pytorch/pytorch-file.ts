import { constants } from 'node:buffer'
import { type EntryLocation, EntryReader, listArchive } from '../archives/index.js'
import { InputError } from '../errors/index.js'
import { InputFile } from '../io/index.js'
import { type PickleValue, readPickle } from '../pickle/index.js'
import { elementCount, elementSize, type Tensor } from '../safetensors/index.js'
import { rowMajor } from './elements.js'
import { FORM_BYTES, requireZipForm } from './form.js'
import { pytorchGlobals, storageOf } from './globals.js'
import { memberTable } from './members.js'
import type { Storage, StoredTensor } from './stored-tensor.js'

const SAVE_STATE_DICT = "Save tensors alone: torch.save(model.state_dict(), 'model.pt')"

/** PyTorch itself checks no checksums. */
const COPY_AGAIN =
  'Copy the file again; or it was saved after torch.serialization.set_crc32_options(False): save it without.'

/**
 * A file of `torch.save` in the zip form of PyTorch 1.6 and newer. What it describes is in memory, tensors are read one
 * at a time, and nothing in it is executed. Source: PyTorch 2.8, torch/serialization.py, caffe2/serialize/inline_container.h.
 */
export class PytorchFile {
  readonly path: string
  /** The object that was saved; tensors in it are StoredTensors. */
  readonly value: PickleValue
  /** Size of the file. */
  readonly bytes: number
  readonly #members: ReadonlyMap<string, EntryLocation>
  readonly #reader: EntryReader
  readonly #bigEndian: boolean
  /** Tensors that share a storage mostly stand one after another. */
  #last: { key: string; bytes: Buffer } | undefined

  private constructor(
    path: string,
    reader: EntryReader,
    members: ReadonlyMap<string, EntryLocation>,
    bytes: number,
  ) {
    this.path = path
    this.#reader = reader
    this.#members = members
    this.bytes = bytes
    this.#bigEndian = this.#byteOrder() === 'big'
    this.value = readPickle(this.#read('data.pkl'), {
      globals: pytorchGlobals,
      persistent: storageOf,
      file: `${path}: data.pkl`,
      fix: SAVE_STATE_DICT,
    })
  }

  /** Reads all but the tensors. @throws InputError */
  static async open(path: string): Promise<PytorchFile> {
    const file = await InputFile.open(path)
    try {
      const head = Buffer.alloc(Math.min(FORM_BYTES, file.size))
      await file.read(head, 0)
      requireZipForm(head, path)
    } finally {
      await file.close()
    }
    const { entries, state, format } = await listArchive(path, { entryBytes: file.size })
    const members = memberTable(entries, path)
    const reader = EntryReader.open(path, format, state)
    try {
      return new PytorchFile(path, reader, members, file.size)
    } catch (error) {
      reader.close()
      throw error
    }
  }

  /** Elements in row-major order, whatever the strides. @throws InputError for a storage that is not as it was described */
  async read(tensor: StoredTensor): Promise<Tensor> {
    const { dtype, shape, storage } = tensor
    const bytes = elementCount(shape) * elementSize(dtype)
    // Strides of 0 make much of little.
    if (!(bytes <= this.bytes)) {
      throw new InputError({
        file: this.path,
        problem: `a tensor of shape (${shape.join(', ')}) ${dtype} is larger than the file`,
        expected: `at most ${this.bytes} bytes`,
        actual: bytes,
      })
    }
    return { dtype, shape, data: rowMajor(tensor, this.#storage(storage)) }
  }

  async close(): Promise<void> {
    this.#last = undefined
    this.#reader.close()
  }

  #storage({ key, dtype, elements }: Storage): Buffer {
    if (this.#last?.key !== key) {
      const bytes = this.#read(`data/${key}`)
      if (this.#bigEndian) swapBytes(bytes, elementSize(dtype))
      this.#last = { key, bytes }
    }
    const { bytes } = this.#last
    if (bytes.length === elements * elementSize(dtype)) return bytes
    throw new InputError({
      file: this.path,
      problem: `storage ${JSON.stringify(key)} has another size than data.pkl says`,
      expected: `${elements * elementSize(dtype)} bytes (${elements} ${dtype})`,
      actual: bytes.length,
    })
  }

  #byteOrder(): string {
    const order = this.#members.has('byteorder') ? this.#read('byteorder').toString('latin1') : 'little'
    if (order === 'little' || order === 'big') return order
    throw new InputError({
      file: this.path,
      problem: 'its member byteorder holds no byte order',
      expected: 'little or big',
      actual: JSON.stringify(order.slice(0, 16)),
    })
  }

  #read(member: string): Buffer {
    const location = this.#members.get(member)
    if (location === undefined) {
      throw new InputError({ file: this.path, problem: `has no member ${JSON.stringify(member)}` })
    }
    if (location.bytes > constants.MAX_LENGTH) {
      throw new InputError({
        file: this.path,
        problem: `member ${member} is larger than an array may be in this version of Node.js`,
        expected: `at most ${constants.MAX_LENGTH} bytes`,
        actual: location.bytes,
      })
    }
    try {
      return this.#reader.read(location)
    } catch (error) {
      if (error instanceof InputError)
        throw new InputError({ ...error.fault, fix: COPY_AGAIN }, { cause: error })
      throw error
    }
  }
}

function swapBytes(bytes: Buffer, elementBytes: number): void {
  if (bytes.length % elementBytes !== 0) return
  if (elementBytes === 2) bytes.swap16()
  if (elementBytes === 4) bytes.swap32()
  if (elementBytes === 8) bytes.swap64()
}
