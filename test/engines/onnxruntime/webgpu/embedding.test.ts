import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportModel, openModel } from '../../../../src/engines/index.js'
import { swiftshader, useSwiftshader } from '../../../swiftshader.js'
import { batchOf, batchSize, createSession, smallBackbone } from './small-run.js'

describe.skipIf(swiftshader.skip)(swiftshader.title, { timeout: 600_000 }, () => {
  beforeAll(useSwiftshader)

  it('a model file embeds as on the processor', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'facedata-webgpu-'))
    try {
      const session = await createSession('cpu')
      const path = join(folder, 'model.onnx')
      const description = { color: 'rgb', mean: 127.5, std: 127.5 } as const
      await exportModel(smallBackbone(), await session.state(), path, description)
      await session.close()
      const embed = async (provider: 'cpu' | 'webgpu') => {
        const embedder = await openModel(path, { provider, threads: 1 })
        const embeddings = await embedder.embed(batchOf(0).images, batchSize)
        await embedder.close()
        return { embeddings, provider: embedder.provider, device: embedder.device }
      }
      const [expected, actual] = [await embed('cpu'), await embed('webgpu')]
      expect(actual.provider).toBe('webgpu')
      expect(actual.device).toMatch(/SwiftShader/)
      expect(actual.embeddings.length).toBe(batchSize * 16)
      actual.embeddings.forEach((value, i) => {
        expect(Math.abs(value - expected.embeddings[i]!)).toBeLessThan(1e-3)
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
