/** A piece of work on the GPU: training steps of one network on images of noise. */
export interface GpuWork {
  name: string
  network: 'mbf' | 'r50'
  /** What differs from the network of that name, in a trial. */
  shape?: { blocks: [number, number, number, number]; scale: number }
  batchSize: number
  classes: number
  /** PartialFC: part of the class centres that a step works with. */
  sampleRate: number
  /** Mixed precision. */
  float16: boolean
  /** Pixels, height and width. */
  imageSize: number
}

/** So many sets of images take turns: they are made beforehand, as a loader does in threads of its own. */
export const IMAGE_SETS = 4

/** Images of noise and labels of a step, the same in every process. */
export function noise({ batchSize, classes, imageSize }: GpuWork, step: number) {
  const images = new Uint8Array(batchSize * 3 * imageSize ** 2)
  for (let i = 0; i < images.length; i++) images[i] = Math.imul(i + step, 2654435761) >>> 24
  const labels = Int32Array.from({ length: batchSize }, (_, i) => {
    return (Math.imul(i + batchSize * step, 2654435761) >>> 0) % classes
  })
  return { images, labels }
}

/** What both sides print, a line for each measurement. */
export interface Measurement {
  images: number
  seconds: number
  /** Of the last step: that something was computed. */
  loss: number
}

const tiny = {
  ...{ network: 'mbf', shape: { blocks: [1, 0, 0, 0], scale: 1 } },
  ...{ batchSize: 2, classes: 20, sampleRate: 1, float16: false, imageSize: 16 },
} as const satisfies Omit<GpuWork, 'name'>

/** What a driver in software does in a minute: as the table in all but size. */
export const TRIAL: readonly GpuWork[] = [
  { ...tiny, name: 'trial' },
  { ...tiny, name: 'trial PartialFC', classes: 50, sampleRate: 0.2 },
]

/** The work of the table, the most telling first. */
export function tableOfWork(batchSize: number): GpuWork[] {
  const full = { batchSize, classes: 8277, imageSize: 112, sampleRate: 1 }
  return [
    { name: 'mbf', network: 'mbf', float16: false, ...full },
    { name: 'mbf float16', network: 'mbf', float16: true, ...full },
    { name: 'r50', network: 'r50', float16: false, ...full },
    { name: 'r50 float16', network: 'r50', float16: true, ...full },
    {
      ...{ name: 'mbf PartialFC', network: 'mbf', float16: false },
      ...{ ...full, classes: 1_000_000, sampleRate: 0.1 },
    },
  ]
}
