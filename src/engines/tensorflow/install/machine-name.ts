import { UsageError } from '../../../errors/index.js'

const NAMES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/**
 * This machine's processor, as in names of wheels.
 * @throws UsageError where the wheels of TensorFlow hold no libraries that can be used: not Linux, or without glibc
 */
export function machineName(
  platform: NodeJS.Platform = process.platform,
  architecture: NodeJS.Architecture = process.arch,
): string {
  const name = NAMES[architecture]
  if (platform !== 'linux' || name === undefined) {
    throw new UsageError(
      `engine install tensorflow works on Linux, on x64 and arm64, not on ${platform} ${architecture}. ` +
        'The engine onnxruntime needs no installation.',
    )
  }
  return name
}
