import { Dataset, describedImages } from '../../src/dataset/index.js'

/** Every image of a dataset of facedata: label, name and lineage of its identity, source, path, bytes. */
export async function contentOf(path: string) {
  const dataset = await Dataset.open(path)
  const identities = await dataset.identities()
  const sources = dataset.description!.sources.map(({ name }) => name)
  const images = []
  for await (const image of describedImages(dataset)) {
    images.push({
      key: image.key,
      label: image.label,
      name: identities.names[image.label],
      from: [
        sources[identities.sources[image.label]!],
        identities.sourceNames[image.label],
        identities.sourceLabels[image.label],
      ],
      source: sources[image.source],
      path: image.path,
      extra: [...image.extraLabels],
      bytes: Buffer.from(image.bytes).toString('hex'),
    })
  }
  await dataset.close()
  return { description: dataset.description!, images, identities }
}
