import type { Dataset, WrittenDialect } from '../dataset/index.js'

/**
 * That of the dataset, so that the order of the images stays. A file of another tool may be laid out by identity and
 * break the order of labels: what is made of it is written in the dialect that has no order.
 */
export async function keptDialect(input: Dataset): Promise<WrittenDialect> {
  if (input.dialect !== 'insightface') return 'im2rec'
  const labels = await input.labels()
  for (let i = 1; i < labels.length; i++) if (labels[i]! < labels[i - 1]!) return 'im2rec'
  return 'insightface'
}
