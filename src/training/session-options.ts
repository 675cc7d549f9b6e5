import type { Engine, TrainingOptions } from '../engines/index.js'
import { marginOfList, type OptimizerOptions } from '../network/index.js'
import { backboneOf } from './backbone.js'
import type { TrainingConfig } from './config/index.js'
import type { TrainingImages } from './loading/training-images.js'

/** Factor on the logits, as upstream. */
const LOGIT_SCALE = 64

/** What an engine is asked for by a config, on these images, in float32, with every class centre in each step. */
export function sessionOptions(
  config: TrainingConfig,
  images: TrainingImages,
  threads: number,
  engine: Engine,
): TrainingOptions {
  return {
    backbone: backboneOf(config, images),
    head: {
      margin: config.head ?? marginOfList(config.margin_list),
      scale: LOGIT_SCALE,
      marginGradient: config.margin_gradient,
      interclassFilteringThreshold: config.interclass_filtering_threshold,
    },
    optimizer: optimizerOptions(config),
    gradientAccumulation: config.gradient_acc,
    batchSize: config.batch_size,
    classes: images.classes,
    seed: config.seed,
    engine,
    provider: config.provider,
    threads,
  }
}

function optimizerOptions({ optimizer, momentum, weight_decay }: TrainingConfig): OptimizerOptions {
  const weightDecay = weight_decay
  return optimizer === 'sgd' ? { name: 'sgd', momentum, weightDecay } : { name: 'adamw', weightDecay }
}
