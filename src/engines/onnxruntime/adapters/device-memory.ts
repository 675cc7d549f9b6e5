import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { promisify } from 'node:util'

/** An NVIDIA device as `nvidia-smi` lists it. */
export interface NvidiaDevice {
  name: string
  /** Bytes. */
  memory: number
  driverVersion: string
}

const TIME_LIMIT = 10_000
const MEBIBYTE = 2 ** 20

/** The NVIDIA devices, in the order of their numbers; none where there is no driver. */
export async function nvidiaDevices(): Promise<NvidiaDevice[]> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits']
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: TIME_LIMIT })
    return parseNvidiaList(stdout)
  } catch {
    return []
  }
}

export function parseNvidiaList(text: string): NvidiaDevice[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((fields) => fields.length === 3 && Number(fields[1]) > 0)
    .map(([name, mebibytes, driverVersion]) => ({
      name: name!,
      memory: Number(mebibytes) * MEBIBYTE,
      driverVersion: driverVersion!,
    }))
}

/**
 * Bytes of memory of a device that is not NVIDIA's: on macOS that of the machine, which processor and GPU share, on
 * Linux what the driver amdgpu says where it drives one device alone.
 */
export async function otherDeviceMemory(platform: NodeJS.Platform): Promise<number | undefined> {
  if (platform === 'darwin') return totalmem()
  if (platform !== 'linux') return undefined
  const cards = await readdir('/sys/class/drm').catch(() => [])
  const found: number[] = []
  for (const card of cards.filter((name) => /^card\d+$/.test(name))) {
    const text = await readFile(`/sys/class/drm/${card}/device/mem_info_vram_total`, 'utf8').catch(() => '')
    if (Number(text) > 0) found.push(Number(text))
  }
  return found.length === 1 ? found[0] : undefined
}
