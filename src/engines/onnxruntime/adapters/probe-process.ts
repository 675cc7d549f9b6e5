import { readFileSync } from 'node:fs'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { ElementTypes, encodeModel } from '../../../onnx/index.js'
import { Graph } from '../graph.js'
import type { ProbeResult } from './probe-result.js'

/**
 * Entry of a process of its own: runs a small graph on the provider that its argument names, in float32 and in
 * float16, and prints what happened. A driver that crashes ends this process alone; what driver and runtime log about
 * the device is on its standard error.
 */
async function probe(provider: string): Promise<ProbeResult> {
  env.logLevel = 'verbose'
  const problem = await failure(provider, 'float32')
  return {
    problem,
    float16: problem === undefined && (await failure(provider, 'float16')) === undefined,
    libraries: sharedLibraries(),
  }
}

/** Squares numbers on the provider alone, in this precision. */
async function failure(provider: string, precision: 'float32' | 'float16'): Promise<string | undefined> {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [2])
  const inside = graph.node('Cast', [x], [2], { to: ElementTypes[precision] })
  graph.output('y', graph.toFloat(graph.multiply(inside, inside)))
  try {
    const session = await InferenceSession.create(Buffer.concat(encodeModel(graph.toModel('probe'))), {
      executionProviders: [provider],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    })
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1.5, -2), [2]) })
    const squares = [...(y!.data as Float32Array)]
    await session.release()
    return squares[0] === 2.25 && squares[1] === 4 ? undefined : `computed ${squares} in place of 2.25,4`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function sharedLibraries(): string[] {
  if (process.platform !== 'linux') return []
  const maps = readFileSync('/proc/self/maps', 'utf8')
  return [...new Set(maps.match(/\/\S+\.so(\.\d+)*$/gm))]
}

const result = await probe(process.argv[2]!)
process.stdout.write(`${JSON.stringify(result)}\n`)
