/** A piece of work on the GPU: training steps of one network on images of noise. */
export interface GpuWork {
  name: string
  network: 'mbf' | 'r50'
  batchSize: number
  classes: number
  /** PartialFC: part of the class centres that a step works with. */
  sampleRate: number
  /** Mixed precision. */
  float16: boolean
  /** Pixels, height and width. */
  imageSize: number
}

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

/** The work of the table, the most telling first. */
export function tableOfWork(options: {
  batchSize: number
  classes: number
  manyClasses: number
  imageSize: number
}): GpuWork[] {
  const { batchSize, classes, manyClasses, imageSize } = options
  const full = { batchSize, classes, imageSize, sampleRate: 1 }
  return [
    { name: 'mbf', network: 'mbf', float16: false, ...full },
    { name: 'mbf float16', network: 'mbf', float16: true, ...full },
    { name: 'r50', network: 'r50', float16: false, ...full },
    { name: 'r50 float16', network: 'r50', float16: true, ...full },
    {
      ...{ name: 'mbf PartialFC', network: 'mbf', float16: false },
      ...{ ...full, classes: manyClasses, sampleRate: 0.1 },
    },
  ]
}
