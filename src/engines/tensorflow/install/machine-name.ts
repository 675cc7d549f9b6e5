import { UsageError } from '../../../errors/index.js'

const NAMES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' }

export interface Machine {
  platform: NodeJS.Platform
  architecture: NodeJS.Architecture
  /** Version of the GNU C library that Node.js runs on; undefined on another C library. */
  glibc: string | undefined
}

/**
 * A machine's processor, as in names of wheels.
 * @throws UsageError where the wheels of TensorFlow hold no libraries that it can use: not Linux, or without glibc
 */
export function machineName({ platform, architecture, glibc }: Machine = thisMachine()): string {
  const name = NAMES[architecture]
  if (platform === 'linux' && name !== undefined && glibc !== undefined) return name
  const found = platform === 'linux' && glibc === undefined ? 'Linux without glibc' : platform
  throw new UsageError(
    `engine install tensorflow works on Linux with glibc, on x64 and arm64, not on ${found} ${architecture}. ` +
      'The engine onnxruntime needs no installation.',
  )
}

function thisMachine(): Machine {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return { platform: process.platform, architecture: process.arch, glibc: header.glibcVersionRuntime }
}
