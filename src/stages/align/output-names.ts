import { parse } from 'node:path'

const JPEG = /\.(jpe?g|jpe|jfif)$/i

/**
 * Names of the aligned JPEGs of one folder. A name with an extension of JPEG stays; another extension becomes `.jpg`,
 * or stays before it where that name is taken, for file systems too that do not tell upper from lower case.
 */
export function alignedNames(names: readonly string[]): string[] {
  const taken = new Set(names.filter((name) => JPEG.test(name)).map(asCompared))
  return names.map((name) => {
    if (JPEG.test(name)) return name
    let free = `${parse(name).name}.jpg`
    for (let longer = name; taken.has(asCompared(free)); free = longer) longer += '.jpg'
    taken.add(asCompared(free))
    return free
  })
}

function asCompared(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
