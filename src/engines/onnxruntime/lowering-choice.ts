import { FacedataError, UsageError } from '../../errors/index.js'
import type { RuntimeProvider } from '../embedder.js'
import { findBlockSize } from './blocked/block-size.js'
import { computesAsPortable } from './blocked/self-check.js'

/** Which operators a network is made of: every provider's, or those of the CPU provider's blocked layout. */
export interface LoweringChoice {
  name: 'portable' | 'blocked'
  /** Channels of a block. */
  block: number | undefined
}

export const PORTABLE: LoweringChoice = { name: 'portable', block: undefined }

/** Names the lowering where the fastest is not wanted: `portable` or `blocked`. */
const VARIABLE = 'FACEDATA_LOWERING'

/**
 * The fastest lowering that works with the provider on this machine, found by a probe, or the one that the environment
 * variable FACEDATA_LOWERING names.
 * @throws UsageError where it names none; FacedataError where it names one that does not work here
 */
export async function chooseLowering(
  provider: RuntimeProvider,
  wanted = process.env[VARIABLE] || undefined,
): Promise<LoweringChoice> {
  if (wanted !== undefined && wanted !== 'portable' && wanted !== 'blocked') {
    throw new UsageError(`${VARIABLE} must be portable or blocked, not ${wanted}`)
  }
  if (wanted === 'portable') return PORTABLE
  const onCpu = provider === 'cpu'
  const block = onCpu ? await workingBlock() : undefined
  if (block !== undefined) return { name: 'blocked', block }
  if (wanted === undefined) return PORTABLE
  throw new FacedataError(
    onCpu
      ? `${VARIABLE}=blocked: onnxruntime has no blocked layout on this processor that computes as it should`
      : `${VARIABLE}=blocked works on the provider cpu alone, not on ${provider}`,
  )
}

/**
 * Channels of a block of the processor's blocked layout, in which a network computes as it should; undefined where
 * there is none. One answer for the process.
 */
export function workingBlock(): Promise<number | undefined> {
  probed ??= probe()
  return probed
}

let probed: Promise<number | undefined> | undefined

async function probe(): Promise<number | undefined> {
  const block = await findBlockSize()
  return block !== undefined && (await computesAsPortable(block)) ? block : undefined
}
