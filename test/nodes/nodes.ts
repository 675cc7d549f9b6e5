import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const folder = process.env.FACEDATA_NODES ?? join(homedir(), '.cache', 'facedata', 'nodes')

/** Node.js binaries that `test/nodes/install.sh` brought, by major version. */
export const otherNodes: ReadonlyMap<string, string> = new Map(
  (existsSync(folder) ? readdirSync(folder) : [])
    .map((name) => [name, join(folder, name, 'bin', 'node')] as const)
    .filter(([, binary]) => existsSync(binary)),
)
