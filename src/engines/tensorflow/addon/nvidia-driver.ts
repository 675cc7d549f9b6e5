import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface NvidiaDriver {
  version: string
  /** Models of the GPUs. */
  gpus: string[]
}

/** NVIDIA's driver as Linux tells of it; undefined where none is loaded. */
export function nvidiaDriver(folder = '/proc/driver/nvidia'): NvidiaDriver | undefined {
  const file = join(folder, 'version')
  if (!existsSync(file)) return undefined
  const version = /^NVRM version:.*?\s(\d+(?:\.\d+)+)\s/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 'unknown'
  const devices = join(folder, 'gpus')
  const gpus = (existsSync(devices) ? readdirSync(devices) : []).flatMap((device) => {
    const information = join(devices, device, 'information')
    if (!existsSync(information)) return []
    return /^Model:\s*(.+)$/m.exec(readFileSync(information, 'utf8'))?.[1] ?? []
  })
  return { version, gpus }
}
