import type { Property } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'
import type { ImageColumns } from './image-columns.js'

const FIX = 'Correct the property file, or move it away: adopt then writes another one.'

/** Compares the property file with the images. @throws InputError where it is not theirs */
export function checkProperty(property: Property, file: string, images: ImageColumns): void {
  if (property.images !== undefined && property.images !== images.count) {
    throw new InputError({
      file,
      line: 2,
      problem: 'not the number of images',
      expected: images.count,
      actual: property.images,
      fix: FIX,
    })
  }
  const { size, otherSizes } = images
  if (size === undefined || otherSizes > 0) return
  if (size.width !== property.width || size.height !== property.height) {
    throw new InputError({
      file,
      line: 1,
      problem: 'not the height and width of the images',
      expected: `${size.height},${size.width}`,
      actual: `${property.height},${property.width}`,
      fix: FIX,
    })
  }
}
