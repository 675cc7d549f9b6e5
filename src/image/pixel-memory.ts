import { readFileSync } from 'node:fs'
import type { RgbImage } from './rgb-image.js'

/**
 * The functions of `kernels.wat`. Pointers and strides are in bytes; sources and targets do not overlap. They read and
 * write up to `SLACK_BYTES` past the end.
 */
interface Kernels {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  /** Along rows. `starts` int32 [width], `weights` int16 [width, taps]; `target` has room for `rows` rounded up to 4. */
  resampleRows(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    rows: number,
    width: number,
    starts: number,
    weights: number,
    taps: number,
  ): void
  /** Along columns. `starts` int32 [rows], `weights` int16 [rows, taps]. */
  resampleColumns(
    source: number,
    target: number,
    stride: number,
    rows: number,
    starts: number,
    weights: number,
    taps: number,
  ): void
  /** RGBX [height, width] to planes [3, height, width]; `width` is a multiple of 16. */
  splitPlanes(source: number, target: number, width: number, height: number, mirrored: 0 | 1): void
  /** Each channel from all three. `weights` int16 [3, 4] with 12 bits behind the point; the fourth of each is 0. */
  mixChannels(source: number, target: number, pixels: number, weights: number): void
  /** RGBX to RGB. */
  packRgb(source: number, target: number, pixels: number): void
  /** RGB to RGBX. */
  widenRgb(source: number, target: number, pixels: number): void
  /** Pixels in another order: `right` and `down` lead from one to its neighbours in the source. */
  turn(source: number, target: number, width: number, height: number, right: number, down: number): void
}

/** Node.js has it; its types leave it to those of a browser. */
declare const WebAssembly: {
  Module: new (binary: Uint8Array) => object
  Instance: new (module: object) => { exports: object }
}

const SLACK_BYTES = 64
const PAGE_BYTES = 65_536
/** RGBX. */
export const BYTES_PER_PIXEL = 4

/** An image in the pixel memory: RGBX, rows from the top without gaps. Valid until the memory is cleared. */
export interface PixelBlock {
  width: number
  height: number
  pointer: number
}

/**
 * The memory that the kernels work in, one a thread, used anew for every image: nothing is allocated for an image of a
 * size that was there before. Whoever works in it runs to its end without waiting.
 */
class PixelMemory {
  readonly kernels: Kernels
  #end = 0

  constructor() {
    const binary = readFileSync(new URL('../../dist/image/kernels.wasm', import.meta.url))
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary))
    this.kernels = exports as Kernels
  }

  /** Forgets all blocks. */
  clear(): void {
    this.#end = SLACK_BYTES
  }

  /** Room for so many bytes, of any content. Growing makes views that were taken before useless. */
  take(length: number): number {
    const pointer = this.#end
    this.#end = (pointer + length + SLACK_BYTES + 15) & ~15
    const missing = this.#end - this.kernels.memory.buffer.byteLength
    if (missing > 0) this.kernels.memory.grow(Math.ceil(missing / PAGE_BYTES))
    return pointer
  }

  /** Room for an image, and behind it for what kernels that take four rows at a time read too many. */
  block(width: number, height: number): PixelBlock {
    return { width, height, pointer: this.take(width * (height + 3) * BYTES_PER_PIXEL) }
  }

  bytes(pointer: number, length: number): Buffer {
    return Buffer.from(this.kernels.memory.buffer, pointer, length)
  }

  /** The bytes of an image. */
  bytesOf({ pointer, width, height }: PixelBlock): Buffer {
    return this.bytes(pointer, width * height * BYTES_PER_PIXEL)
  }

  /** The pixels of an image, one a word. Not of one that was decoded here: it begins at an odd address. */
  wordsOf({ pointer, width, height }: PixelBlock): Uint32Array {
    return new Uint32Array(this.kernels.memory.buffer, pointer, width * height)
  }

  /** Takes room for the values and copies them there. */
  place({ buffer, byteOffset, byteLength }: Int32Array | Int16Array | Uint8Array): number {
    const pointer = this.take(byteLength)
    this.bytes(pointer, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength))
    return pointer
  }

  /** A copy of an image from outside. */
  fromRgb({ width, height, data }: RgbImage): PixelBlock {
    const packed = this.place(data)
    const block = this.block(width, height)
    this.kernels.widenRgb(packed, block.pointer, width * height)
    return block
  }

  /** A copy of an image outside, RGB. */
  toRgb({ pointer, width, height }: PixelBlock): RgbImage {
    const pixels = width * height
    const packed = this.take(3 * pixels)
    this.kernels.packRgb(pointer, packed, pixels)
    // Memory that need not be filled with zeros first.
    const data = new Uint8Array(Buffer.allocUnsafeSlow(3 * pixels).buffer)
    data.set(this.bytes(packed, 3 * pixels))
    return { width, height, data }
  }
}

export const pixelMemory = new PixelMemory()
