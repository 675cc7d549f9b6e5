import { Document, visit } from 'yaml'
import type { TrainingConfig } from './training-config.js'

/** The config as YAML that `loadConfig` reads back, without what has no effect. */
export function formatConfig(config: TrainingConfig): string {
  const { num_classes: _classes, num_image: _images, margin_list, ...effective } = config
  const document = new Document(config.head === undefined ? { margin_list, ...effective } : effective)
  visit(document, {
    Seq(_, list) {
      list.flow = true
    },
  })
  return document.toString()
}
