import { describe, expect, it } from 'vitest'
import { float16Nodes } from '../../../src/engines/onnxruntime/float16-nodes.js'
import { iresnet, mobilefacenet } from '../../../src/network/index.js'

const size = { embeddingSize: 16, imageSize: 32 }
const mbf = mobilefacenet({ blocks: [1, 1, 1, 1], scale: 1, ...size })
const resnet = iresnet({ layers: [1, 1, 1, 1], ...size })

describe('the nodes of mixed precision', () => {
  it('are the convolutions, PReLUs and sums before conv_sep of a MobileFaceNet', () => {
    const names = float16Nodes(mbf)
    for (const name of ['layers.0.layers.0', 'layers.0.layers.2', 'layers.3.layers.0']) {
      expect(names).toContain(name)
    }
    for (const { name, op } of mbf.nodes) {
      if (name.startsWith('conv_sep') || name.startsWith('features')) expect(names).not.toContain(name)
      if (op === 'batchNorm') expect(names).not.toContain(name)
    }
  })

  it('are those before fc of an IResNet, whose last BatchNorms and flattening stay in float32', () => {
    const names = float16Nodes(resnet)
    expect(names).toContain('conv1')
    expect(names).toContain('layer4.0.conv2')
    expect(names).toContain('layer4.0')
    for (const name of ['bn2', 'flatten', 'fc', 'features', 'layer1.0.bn1']) expect(names).not.toContain(name)
  })
})
