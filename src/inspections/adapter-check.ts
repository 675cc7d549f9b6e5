import type { Adapter } from '../engines/index.js'
import { type Check, ok } from './check.js'

const DRIVER_FIX = "Install the GPU's driver with its Vulkan part again, or train with --provider cpu."

/** The device of each provider beside the processor: what it is, and whether it computes as it should for two seconds. */
export async function checkAdapters(): Promise<Check[]> {
  const { findAdapter, measureAdapter, MEASURED_SIZE: side } = await import('../engines/index.js')
  const checks: Check[] = []
  for (const provider of ['webgpu', 'cuda'] as const) {
    const { adapter, ...answer } = await findAdapter(provider)
    if (adapter === undefined) {
      const problem = 'problem' in answer ? answer.problem : 'unknown'
      checks.push(ok(provider, `none: ${problem}`))
      continue
    }
    const measured = await measureAdapter(adapter)
    const found = describeAdapter(adapter)
    checks.push(
      measured.problem === undefined
        ? ok(
            provider,
            `${found}; computes, ${Math.round(measured.productsPerSecond)} products of ${side}x${side} matrices a second`,
          )
        : { name: provider, status: 'warn', found: `${found}; ${measured.problem}`, fix: DRIVER_FIX },
    )
  }
  return checks
}

/** Name, driver, memory, float16, and whether it is a device at all. */
export function describeAdapter({ name, driver, memory, float16, software }: Adapter): string {
  return [
    `${name} (${driver})`,
    memory === undefined ? 'memory unknown' : `${(memory / 2 ** 30).toFixed(1)} GiB`,
    float16 ? 'float16' : 'no float16',
    software ? 'software: taken only by --provider webgpu' : 'a real device',
  ].join(', ')
}
