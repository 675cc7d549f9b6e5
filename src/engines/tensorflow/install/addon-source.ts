import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { extract } from 'tar'
import { FacedataError } from '../../../errors/index.js'
import { makeDirectory } from '../../../io/index.js'
import { packageFolder } from '../addon/addon-candidates.js'
import { runProgram } from '../addon/run-program.js'

/** Its C++ files do not differ from those of tfjs-node. */
const PACKAGE = '@tensorflow/tfjs-node-gpu'
const VERSION = '4.22.0'

/** In the folder for what is needed for a while. */
export const PACKAGE_FOLDER = 'package'

export interface AddonSourceCode {
  /** Of the C++ files. */
  folder: string
  /** The package, with its version. */
  name: string
}

/**
 * The C++ of the addon: from the optional dependency where npm kept it, else from the registry that npm uses, brought
 * into `scratch`.
 * @throws FacedataError where npm cannot bring it, in its words
 */
export async function addonSourceCode(scratch: string, signal?: AbortSignal): Promise<AddonSourceCode> {
  const installed = packageFolder(PACKAGE)
  if (installed !== undefined && existsSync(join(installed, 'binding', 'tfjs_binding.cc'))) {
    return sourceIn(installed)
  }
  const folder = join(scratch, PACKAGE_FOLDER)
  await makeDirectory(folder)
  const wanted = `${PACKAGE}@${VERSION}`
  const ended = await runProgram(
    'npm',
    ['pack', wanted, '--json', '--ignore-scripts', '--pack-destination', folder],
    { signal },
  )
  if (ended?.code !== 0) {
    const reason = ended === undefined ? 'there is no npm here' : ended.errors.trim().split('\n').at(-1)
    throw new FacedataError(`npm cannot bring ${wanted}, from which the addon is compiled: ${reason}`)
  }
  const [{ filename }] = JSON.parse(ended.output) as [{ filename: string }]
  await extract({ file: join(folder, filename), cwd: folder, strip: 1 })
  return sourceIn(folder)
}

function sourceIn(packageFolder: string): AddonSourceCode {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string
  }
  return { folder: join(packageFolder, 'binding'), name: `${PACKAGE} ${version}` }
}
