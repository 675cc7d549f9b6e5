import { createRequire } from 'node:module'
import { encodeModel, type OnnxModel } from '../onnx/index.js'
import { type Check, ok, tryCheck } from './check.js'

const REINSTALL =
  'Install again (npm ci in a clone, else npm install), on the machine and with the Node.js that run it.'

/** A gradient, so that swapped channels or rows would show. RGB, 16x16. */
const SIZE = 16
const picture = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
  const pixel = Math.floor(i / 3)
  return [40 + 10 * (pixel % SIZE), 40 + 10 * Math.floor(pixel / SIZE), 120][i % 3]!
})

/** What JPEG may change of the gradient at quality 100 and full chroma, in 8-bit levels. */
const JPEG_TOLERANCE = 8

export function checkSharp(): Promise<Check> {
  return tryCheck('sharp', REINSTALL, async () => {
    const { default: sharp } = await import('sharp')
    const raw = { width: SIZE, height: SIZE, channels: 3 } as const
    const png = await sharp(picture, { raw }).png().toBuffer()
    requireSame(await sharp(png).raw().toBuffer(), 0)
    return ok('sharp', `${sharp.versions.sharp}, writes and reads a PNG`)
  })
}

export function checkJpegTurbo(): Promise<Check> {
  return tryCheck('jpeg-turbo', REINSTALL, async () => {
    const { default: turbo } = await import('@julusian/jpeg-turbo')
    const jpeg = turbo.compressSync(Buffer.from(picture), {
      format: turbo.FORMAT_RGB,
      width: SIZE,
      height: SIZE,
      quality: 100,
      subsampling: turbo.SAMP_444,
    })
    const { data } = turbo.decompressSync(jpeg, { format: turbo.FORMAT_RGB })
    requireSame(data, JPEG_TOLERANCE)
    return ok('jpeg-turbo', `${versionOf('@julusian/jpeg-turbo')}, writes and reads a JPEG`)
  })
}

function requireSame(decoded: Uint8Array, tolerance: number): void {
  const wrong = picture.findIndex((value, i) => !(Math.abs(value - (decoded[i] ?? Number.NaN)) <= tolerance))
  if (wrong === -1 && decoded.length === picture.length) return
  throw new Error(`a picture came back changed: ${decoded.length} values, the first wrong one at ${wrong}`)
}

/** Doubles its input: the smallest session that shows that the runtime computes. */
const doubling: OnnxModel = {
  name: 'doubling',
  nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
  inputs: [{ name: 'x', elementType: 'float32', shape: [2] }],
  outputs: [{ name: 'y', elementType: 'float32', shape: [2] }],
  initializers: [],
  metadata: new Map(),
}

export function checkRuntime(): Promise<Check> {
  return tryCheck('onnxruntime', REINSTALL, async () => {
    const { InferenceSession, listSupportedBackends, Tensor } = await import('onnxruntime-node')
    const session = await InferenceSession.create(Buffer.concat(encodeModel(doubling)), {
      executionProviders: ['cpu'],
    })
    try {
      const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1.5, -2), [2]) })
      const sums = [...(y!.data as Float32Array)]
      if (sums[0] !== 3 || sums[1] !== -4) throw new Error(`computed ${sums} where 3,-4 was expected`)
    } finally {
      await session.release()
    }
    const providers = listSupportedBackends().map(({ name, bundled }) =>
      bundled ? name : `${name} (not installed)`,
    )
    return ok(
      'onnxruntime',
      `${versionOf('onnxruntime-node')}, computes on cpu; its build lists ${providers.join(', ')}`,
    )
  })
}

const LOWERING_FIX =
  'Set FACEDATA_LOWERING to portable or blocked, or leave it out: the fastest that works is chosen.'

/** What a training step on the CPU is made of here. */
export function checkLowering(): Promise<Check> {
  return tryCheck('lowering', LOWERING_FIX, async () => {
    const { chooseLowering } = await import('../engines/index.js')
    const { name, block } = await chooseLowering('cpu')
    const blocks = block === undefined ? '' : `, ${block} channels a block`
    return ok('lowering', `${name}${blocks}: what a network is made of on the CPU`)
  })
}

function versionOf(packageName: string): string {
  return (createRequire(import.meta.url)(`${packageName}/package.json`) as { version: string }).version
}
