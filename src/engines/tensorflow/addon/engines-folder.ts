import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where engines are installed: `$FACEDATA_ENGINES`, else `~/.cache/facedata/engines`. */
export function enginesFolder(): string {
  const wanted = process.env.FACEDATA_ENGINES
  return wanted ? resolve(wanted) : join(homedir(), '.cache', 'facedata', 'engines')
}
